package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.InstanceState;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.Origin;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.spec.TunnelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The document of {@code tunnel list --json}. Made on the loop, of which it takes copies; {@link #rows} reads the kernel's table of sockets. */
final class TunnelsDocument {

    private final List<AppView> apps;
    private final TunnelFiles files;
    private final Map<String, Health> health = new HashMap<>();
    private final Map<String, Long> left = new HashMap<>();
    private final Map<String, String> over = new HashMap<>();

    TunnelsDocument(List<AppView> apps, Runs runs, TunnelFiles files, TunnelLeases leases) {
        this.apps = apps;
        this.files = files;
        for (AppView app : apps) {
            if (app.spec().tunnel().isPresent()) {
                app.instances().stream()
                        .flatMap(instance -> instance.run().stream())
                        .flatMap(run -> runs.find(run).stream())
                        .flatMap(run -> run.health.stream())
                        .forEach(known -> health.put(app.name(), known));
                OptionalLong ends = leases.left(app.name());
                if (ends.isPresent()) {
                    left.put(app.name(), ends.getAsLong());
                }
                leases.over(app.name()).ifPresent(why -> over.put(app.name(), why));
            }
        }
    }

    List<Map<String, @Nullable Object>> rows() {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        List<TcpSocket> connected = health.isEmpty() ? List.of() : TcpSockets.connected();
        for (AppView app : apps) {
            app.spec().tunnel().ifPresent(tunnel -> rows.add(row(app, tunnel, connected)));
        }
        return rows;
    }

    private Map<String, @Nullable Object> row(AppView app, TunnelSpec tunnel, List<TcpSocket> connected) {
        Optional<InstanceView> instance = app.instances().stream().findFirst();
        boolean runs = instance.filter(one -> one.pid().isPresent()).isPresent();
        Optional<String> targetDown = runs ? targetDown(app) : Optional.empty();
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("name", app.name());
        row.put("state", targetDown.isPresent() ? "target-down" : state(instance));
        row.put("reason", reason(app, instance, targetDown));
        row.put("forward", tunnel.forward().text());
        row.put("address", tunnel.forward().bind());
        row.put("port", tunnel.forward().port());
        row.put("target", tunnel.forward().target());
        row.put("via", tunnel.via().text());
        row.put("key", files.key(app.name(), tunnel).toString());
        row.put(
                "pid",
                instance.filter(one -> one.pid().isPresent())
                        .map(one -> one.pid().getAsInt())
                        .orElse(null));
        row.put(
                "since",
                instance.filter(one -> one.started().isPresent())
                        .map(one -> StatusDocument.time(one.started().getAsLong()))
                        .orElse(null));
        row.put("clients", runs ? TunnelClients.count(tunnel.forward(), connected) : 0);
        row.put("restarts", instance.map(InstanceView::restarts).orElse(0));
        row.put("origin", app.origin() == Origin.TERMINAL ? "terminal" : "file");
        row.put("needed_by", neededBy(app.name()));
        row.put("max_age_seconds", tunnel.maxAge().map(Duration::toSeconds).orElse(null));
        row.put("idle_seconds", tunnel.idle().map(Duration::toSeconds).orElse(null));
        Long ends = left.get(app.name());
        row.put("closes", ends == null ? null : StatusDocument.time(System.currentTimeMillis() + ends));
        row.put("keepalive_seconds", tunnel.keepalive().toSeconds());
        return row;
    }

    /** What a check said where the connection to the server stands, and what is behind it does not answer. */
    private Optional<String> targetDown(AppView app) {
        return Optional.ofNullable(health.get(app.name()))
                .filter(known -> !known.well() && known.words().startsWith(TunnelProbe.TARGET_DOWN))
                .map(Health::words);
    }

    private static String state(Optional<InstanceView> instance) {
        return instance.map(one ->
                        one.state() == InstanceState.READY ? "up" : one.state().word())
                .orElse("stopped");
    }

    private String reason(AppView app, Optional<InstanceView> instance, Optional<String> targetDown) {
        if (targetDown.isPresent()) {
            return targetDown.get();
        }
        String why = over.getOrDefault(app.name(), "");
        boolean held = instance.filter(InstanceView::held).isPresent();
        if (held) {
            return (why.isEmpty() ? "closed by hand" : why) + "; bulkhead tunnel open " + app.name() + " opens it";
        }
        return instance.map(InstanceView::reason).orElse("");
    }

    private List<String> neededBy(String tunnel) {
        List<String> names = new ArrayList<>();
        for (AppView app : apps) {
            if (app.spec().dependsOn().contains(tunnel)) {
                names.add(app.name());
            }
        }
        return names;
    }
}
