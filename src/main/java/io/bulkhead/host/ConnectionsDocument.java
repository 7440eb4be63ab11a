package io.bulkhead.host;

import io.bulkhead.guard.ConnectionSum;
import io.bulkhead.guard.Holding;
import io.bulkhead.guard.LeakRule;
import io.bulkhead.guard.ServerView;
import io.bulkhead.guard.ServerView.Session;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.ServiceSocket;
import io.bulkhead.linux.ServiceSockets;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.External;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The document of {@code connections --json}: who holds how many connections to which external, and whether what is planned fits. */
final class ConnectionsDocument {

    /** What connections have in common that are shown in one row. */
    private record Group(
            String service,
            @Nullable String app,
            @Nullable Integer instance,
            @Nullable Integer pid,
            @Nullable String process,
            @Nullable String user,
            @Nullable String from,
            String state,
            @Nullable String run,
            boolean former,
            String leak) {}

    private static final class Tally {
        int count;
        long idle = -1;
    }

    private final List<External> externals;
    private final Belonging belonging;
    private final Map<String, ServerView> views;
    private final String unasked;
    private final ServiceSockets kernel;
    private final List<Holding> holdings;
    private final Map<Integer, Optional<ProcessFacts>> processes = new HashMap<>();

    /**
     * @param kernel the kernel's look at {@code externals}, in their order
     * @param views of the servers that were asked, by name
     * @param unasked why those with a url were not asked; empty where they were
     */
    ConnectionsDocument(
            List<External> externals,
            Belonging belonging,
            ServiceSockets kernel,
            Map<String, ServerView> views,
            String unasked) {
        this.externals = externals;
        this.belonging = belonging;
        this.kernel = kernel;
        this.views = views;
        this.unasked = unasked;
        this.holdings = Holding.join(externals, kernel.sockets(), views);
    }

    List<Holding> holdings() {
        return holdings;
    }

    /** @param apps as they are configured */
    Map<String, @Nullable Object> document(Collection<AppSpec> apps) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("connections", rows());
        List<Object> budget = new ArrayList<>();
        List<Object> services = new ArrayList<>();
        for (External external : externals) {
            Optional<ServerView> view = Optional.ofNullable(views.get(external.name()));
            budget.add(budget(ConnectionSum.of(external, view, holdings, apps, app -> false, belonging::app)));
            services.add(service(external, view));
        }
        document.put("budget", budget);
        document.put("services", services);
        return document;
    }

    private List<Map<String, @Nullable Object>> rows() {
        Map<Group, Tally> groups = new LinkedHashMap<>();
        for (Holding holding : holdings) {
            Tally tally = groups.computeIfAbsent(group(holding), group -> new Tally());
            tally.count++;
            tally.idle = Math.max(tally.idle, idle(holding));
        }
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        groups.forEach((group, tally) -> rows.add(row(group, tally)));
        return rows;
    }

    private Group group(Holding holding) {
        Optional<Belonging.Owner> owner = Optional.empty();
        Optional<ProcessFacts> process = Optional.empty();
        for (int pid : holding.clients()) {
            Optional<Belonging.Owner> of = belonging.owner(pid);
            if (process.isEmpty() || owner.isEmpty() && of.isPresent()) {
                process = processes.computeIfAbsent(pid, ProcessFacts::of);
                owner = of;
            }
        }
        String program = process.map(ProcessFacts::program).orElse("");
        Optional<Session> session = holding.session();
        Optional<ServiceSocket> socket = holding.socket();
        String user = session.map(Session::user).filter(name -> !name.isEmpty()).orElse("");
        return new Group(
                holding.external().name(),
                owner.map(Belonging.Owner::app).orElse(null),
                owner.map(Belonging.Owner::instance).orElse(null),
                process.map(ProcessFacts::pid).orElse(null),
                program.isEmpty() ? null : program,
                user.isEmpty() ? systemUser(process, socket) : user,
                process.isPresent() ? null : from(holding),
                state(holding),
                owner.map(Belonging.Owner::run).orElse(null),
                owner.map(Belonging.Owner::former).orElse(false),
                LeakRule.of(holding, program).orElse(""));
    }

    private static @Nullable String systemUser(Optional<ProcessFacts> process, Optional<ServiceSocket> socket) {
        if (process.isPresent()) {
            return process.get().user();
        }
        return socket.filter(one -> one.uid() >= 0)
                .map(one -> ProcessFacts.userName(one.uid()))
                .orElse(null);
    }

    /** Where the client is, when its process is not seen here. */
    private static @Nullable String from(Holding holding) {
        String address = holding.socket()
                .map(ServiceSocket::clientAddress)
                .or(() -> holding.session().map(Session::address))
                .orElse("");
        return address.isEmpty() ? null : address;
    }

    private static String state(Holding holding) {
        if (holding.socket().filter(ServiceSocket::leftOpen).isPresent()) {
            return "close-wait";
        }
        return holding.session()
                .map(Session::state)
                .filter(state -> !state.isEmpty())
                .orElse("connected");
    }

    private static long idle(Holding holding) {
        boolean active = holding.session()
                .filter(session -> session.state().equals("active"))
                .isPresent();
        long seconds = holding.session().map(Session::idleSeconds).orElse(-1L);
        if (active || seconds >= 0) {
            return active ? 0 : seconds;
        }
        long quiet = holding.socket().map(ServiceSocket::quietMillis).orElse(-1L);
        return quiet < 0 ? -1 : quiet / 1_000;
    }

    private static Map<String, @Nullable Object> row(Group group, Tally tally) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("service", group.service);
        row.put("app", group.app);
        row.put("instance", group.instance);
        row.put("pid", group.pid);
        row.put("user", group.user);
        row.put("state", group.state);
        row.put("count", tally.count);
        row.put("idle_seconds", tally.idle < 0 ? null : tally.idle);
        row.put("leaked", !group.leak.isEmpty());
        row.put("reason", group.leak);
        row.put("process", group.process);
        row.put("from", group.from);
        row.put("run", group.run);
        row.put("generation", group.run == null ? null : group.former ? "old" : "current");
        return row;
    }

    private static Map<String, @Nullable Object> budget(ConnectionSum sum) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("service", sum.service());
        row.put("limit", sum.limit().isPresent() ? sum.limit().getAsInt() : null);
        row.put("used", sum.used());
        row.put("planned", sum.planned());
        row.put("reserved", sum.reserved());
        row.put("others", sum.others());
        row.put("enough", sum.enough());
        row.put("sum", sum.parts().isEmpty() ? "" : sum.text());
        return row;
    }

    private Map<String, @Nullable Object> service(External external, Optional<ServerView> view) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("name", external.name());
        row.put("address", external.address().text());
        boolean answered = view.filter(ServerView::answered).isPresent();
        row.put("view", answered ? "server" : "kernel");
        row.put("title", view.map(ServerView::title).orElse(""));
        row.put("message", answered ? "" : why(external, view));
        List<String> notes = new ArrayList<>(view.map(ServerView::notes).orElse(List.of()));
        if (kernel.closed() > 0) {
            notes.add(kernel.closed()
                    + " processes of other users keep to themselves which sockets they hold: ask as root");
        }
        row.put("notes", notes);
        return row;
    }

    private String why(External external, Optional<ServerView> view) {
        if (view.isPresent()) {
            return view.get().message() + "; what follows is the kernel's view alone: no states, only who is connected";
        }
        return external.url().isEmpty()
                ? "the kernel's view alone: write externals." + external.name() + ".url for states, limits and leaks"
                : "it was not asked: " + unasked + "; what follows is the kernel's view alone";
    }
}
