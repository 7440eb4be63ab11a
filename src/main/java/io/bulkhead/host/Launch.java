package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.CommandLookup;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Identity;
import io.bulkhead.linux.RefusedException;
import io.bulkhead.linux.SpawnFile;
import io.bulkhead.linux.Users;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Ready;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** Makes everything ready that a program needs to start, and says which step cannot be done and why. Runs on the worker. */
final class Launch {

    /**
     * What the keeper is told to become.
     *
     * @param file the same for every run of an unchanged app
     * @param marks variables of this run alone
     * @param sockets addresses whose sockets its keeper must hold, in this order
     */
    record Prepared(SpawnFile file, Map<String, String> marks, List<Listen> sockets) {

        Prepared with(Map<String, String> ofThisRun) {
            return new Prepared(file, ofThisRun, sockets);
        }
    }

    /** How often the instance had been started again when its program was started. */
    static final String RESTARTS = "BULKHEAD_RESTARTS";

    private final Path socket;
    private final BooleanSupplier inheritEnvironment;
    private final Map<String, String> ownEnvironment;
    private final NodeLaunch node;
    private final Optional<NotifySockets> notify;
    private final Optional<TunnelFiles> tunnels;
    /** The daemon's own user, looked up once. */
    private Optional<Users.User> own = Optional.empty();

    /**
     * @param socket the control socket, told to programs as BULKHEAD_SOCKET
     * @param node what is done for programs that are Node
     * @param notify where they say that they are ready; empty: nothing is started
     * @param tunnels keys of ssh tunnels; empty: nothing is started
     */
    Launch(
            Path socket,
            BooleanSupplier inheritEnvironment,
            Map<String, String> ownEnvironment,
            NodeLaunch node,
            Optional<NotifySockets> notify,
            Optional<TunnelFiles> tunnels) {
        this.socket = socket;
        this.inheritEnvironment = inheritEnvironment;
        this.ownEnvironment = Map.copyOf(ownEnvironment);
        this.node = node;
        this.notify = notify;
        this.tunnels = tunnels;
    }

    /** @param restarts of the instance, this start included */
    Prepared prepare(Effect.StartRun order, int restarts) throws LaunchRefused {
        return prepare(order.instance(), order.app()).with(marks(order, restarts));
    }

    /** The same for a run that is not ordered yet. */
    Prepared prepare(InstanceId instance, AppSpec app) throws LaunchRefused {
        return prepare(instance, app, command(app), Map.of(), Optional.of(node));
    }

    private Command command(AppSpec app) throws LaunchRefused {
        return app.tunnel().isPresent() && tunnels.isPresent()
                ? tunnels.get().command(app, app.tunnel().get())
                : app.command();
    }

    Prepared prepare(Errands.Order order) throws LaunchRefused {
        return prepare(order.instance(), order.app(), order.command(), order.facts(), Optional.empty())
                .with(Map.of("BULKHEAD_RUN", order.id()));
    }

    /** @param forNode empty for an errand, which gets no sockets either */
    private Prepared prepare(
            InstanceId instance, AppSpec app, Command command, Map<String, String> more, Optional<NodeLaunch> forNode)
            throws LaunchRefused {
        try {
            Optional<Identity> identity = Users.identity(app.user(), app.group());
            Users.User person = person(identity);
            Map<String, String> environment =
                    ProgramEnvironment.of(app, person, inheritEnvironment.getAsBoolean() ? ownEnvironment : Map.of());
            CommandLookup lookup = new CommandLookup(identity, person.home());
            lookup.checkFolder(app.workingDir());
            List<String> argv = command.argv();
            Path program = lookup.find(argv.getFirst(), app.workingDir(), environment);
            environment.putAll(names(instance));
            environment.putAll(more);
            if (forNode.isPresent()) {
                forNode.get().amend(app, instance, program, environment, identity, lookup);
                notifySocket(instance, app, environment, identity);
            }
            List<Listen> sockets = forNode.isEmpty()
                    ? List.of()
                    : Handing.of(
                            app,
                            program,
                            forNode.get()
                                    .setting(app.name())
                                    .map(NodeSetting::preloaded)
                                    .orElse(false));
            Handing.tellPhp(program, sockets, environment);
            SpawnFile file = spawnFile(app, program, argv, environment, identity);
            return new Prepared(file.withSockets(Handing.names(sockets)), Map.of(), sockets);
        } catch (RefusedException refused) {
            throw new LaunchRefused(new Refusal(refused.step(), refused.message(), refused.hint()));
        } catch (ErrnoException lookup) {
            throw new LaunchRefused(
                    new Refusal("user", "user: the system's list of users: " + lookup.getMessage(), ""));
        }
    }

    private static SpawnFile spawnFile(
            AppSpec app,
            Path program,
            List<String> argv,
            Map<String, String> environment,
            Optional<Identity> identity) {
        return new SpawnFile(
                program,
                argv.subList(1, argv.size()),
                app.workingDir(),
                environment,
                app.umask(),
                app.limits().nofile(),
                OptionalInt.empty(),
                app.limits().oomPriority(),
                identity,
                List.of());
    }

    private Users.User person(Optional<Identity> identity) throws ErrnoException {
        if (identity.isPresent()) {
            Identity who = identity.get();
            return new Users.User(who.name(), who.uid(), who.gid(), who.home());
        }
        if (own.isEmpty()) {
            int uid = Users.effectiveUser();
            own = Users.user(uid)
                    .or(() -> Optional.of(
                            new Users.User(Integer.toString(uid), uid, Users.effectiveGroup(), Path.of("/"))));
        }
        return own.get();
    }

    private void notifySocket(
            InstanceId instance, AppSpec app, Map<String, String> environment, Optional<Identity> identity)
            throws LaunchRefused {
        if (notify.isEmpty() || !(app.ready() instanceof Ready.Notified)) {
            return;
        }
        try {
            environment.put(
                    "NOTIFY_SOCKET", notify.get().open(instance, identity).toString());
        } catch (IOException refused) {
            throw new LaunchRefused(new Refusal(
                    "ready", "ready: notify: no socket for it: " + refused.getMessage(), "or write ready: listen"));
        }
    }

    private Map<String, String> names(InstanceId instance) {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("BULKHEAD_APP", instance.app());
        names.put("BULKHEAD_INSTANCE", Integer.toString(instance.index()));
        names.put("BULKHEAD_SOCKET", socket.toString());
        names.put("NODE_APP_INSTANCE", Integer.toString(instance.index()));
        return names;
    }

    /** Variables of this run alone. What they say a later daemon can read from the process itself, whatever the former had time to note. */
    static Map<String, String> marks(Effect.StartRun order, int restarts) {
        Map<String, String> marks = new LinkedHashMap<>();
        marks.put("BULKHEAD_RUN", order.run());
        marks.put("BULKHEAD_CAUSE", order.cause().name().toLowerCase(Locale.ROOT));
        if (order.gated()) {
            marks.put("BULKHEAD_ADMIT", "asked");
        }
        marks.put(RESTARTS, Integer.toString(restarts));
        return marks;
    }
}
