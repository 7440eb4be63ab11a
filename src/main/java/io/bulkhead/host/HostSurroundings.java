package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Surroundings;
import io.bulkhead.core.AppState;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Origin;
import io.bulkhead.linux.Resolver;
import io.bulkhead.spec.Spec;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks around on the host: what the apps are comes from the loop, everything else is read by whoever asks. */
final class HostSurroundings implements Surroundings {

    private final Loop loop;
    private final Supervision supervision;
    private final Runs runs;
    private final NodeProcesses nodes;
    private final Applying applying;
    private final Services services;
    private final ConnectionWatch watch;
    /** Of this life of the daemon: a fingerprint says nothing to somebody who tries values. */
    private final byte[] salt = new byte[16];

    HostSurroundings(
            Loop loop,
            Supervision supervision,
            Runs runs,
            NodeProcesses nodes,
            Applying applying,
            Services services,
            ConnectionWatch watch) {
        this.services = services;
        this.watch = watch;
        this.loop = loop;
        this.supervision = supervision;
        this.runs = runs;
        this.nodes = nodes;
        this.applying = applying;
        new SecureRandom().nextBytes(salt);
    }

    private record Apps(List<AppView> views, Belonging belonging) {}

    @Override
    public List<Map<String, @Nullable Object>> ports() {
        Apps apps = onLoop(() -> new Apps(supervision.supervisor().apps(), Belonging.of(runs)));
        return new PortsDocument(apps.views(), applying.inForce().externals(), apps.belonging(), Resolver.localhost())
                .rows();
    }

    /** The same where no daemon runs, for who would start one. */
    static List<Map<String, @Nullable Object>> portsWithoutDaemon(Optional<Spec> configured) {
        List<AppView> apps = new ArrayList<>();
        configured.ifPresent(spec -> spec.apps()
                .values()
                .forEach(app -> apps.add(new AppView(app.name(), AppState.STOPPED, "", app, Origin.FILE, List.of()))));
        return new PortsDocument(
                        apps, configured.map(Spec::externals).orElse(Map.of()), Belonging.none(), Resolver.localhost())
                .rows();
    }

    @Override
    public Map<String, @Nullable Object> connections() {
        record Asked(Spec spec, Belonging belonging) {}
        Asked asked = onLoop(() -> new Asked(applying.inForce(), Belonging.of(runs)));
        ConnectionsDocument found =
                services.look(List.copyOf(asked.spec().externals().values()), asked.belonging());
        watch.learned(found.views());
        return found.document(asked.spec().apps().values());
    }

    @Override
    public Map<String, @Nullable Object> env(String app) throws ApiException {
        record Asked(Optional<AppView> view, List<EnvDocument.Process> processes, String instead) {}
        Asked asked = onLoop(() -> new Asked(
                supervision.supervisor().app(app),
                EnvDocument.processes(app, runs, nodes),
                supervision.supervisor().instead(app)));
        AppView view =
                asked.view().orElseThrow(() -> new ApiException(4, "no-such-app", "no app " + app, asked.instead()));
        return new EnvDocument(salt, applying.inForce().server().inheritEnvironment())
                .of(view, asked.processes(), applying);
    }

    @Override
    public List<Map<String, @Nullable Object>> processes() {
        Belonging belonging = onLoop(() -> Belonging.of(runs));
        return new StrangersDocument(belonging).rows();
    }

    private <T> T onLoop(Supplier<T> question) {
        CompletableFuture<T> future = new CompletableFuture<>();
        loop.post(() -> {
            try {
                future.complete(question.get());
            } catch (RuntimeException bug) {
                future.completeExceptionally(bug);
            }
        });
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the daemon is ending", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
