package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.guard.ExternalLook;
import io.bulkhead.guard.ExternalLook.Sight;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listener.Family;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.linux.Tunnel;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.TunnelSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The document of {@code ports --json}: what apps and externals need first, each with who really has it; then everybody else. */
final class PortsDocument {

    private final List<AppView> apps;
    private final Map<String, External> externals;
    private final Belonging belonging;
    private final List<Listener> listeners;
    private final Map<Integer, List<Listener>> byPort = new HashMap<>();
    private final List<InetAddress> localhost;
    private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    private final Map<Integer, Face> faces = new HashMap<>();
    private final Set<Long> shown = new HashSet<>();

    /**
     * Reads the kernel's tables.
     *
     * @param localhost what that name means to the programs of this host, in the order in which they try
     */
    PortsDocument(
            List<AppView> apps, Map<String, External> externals, Belonging belonging, List<InetAddress> localhost) {
        this.apps = apps;
        this.externals = externals;
        this.belonging = belonging;
        this.localhost = localhost;
        this.listeners = Listeners.all();
        for (Listener listener : listeners) {
            byPort.computeIfAbsent(listener.port(), first -> new ArrayList<>(2)).add(listener);
        }
    }

    List<Map<String, @Nullable Object>> rows() {
        List<TcpSocket> listening = TcpSockets.listening();
        for (AppView app : apps) {
            PortNeed.of(app, apps).forEach(need -> app(app, need));
        }
        externals.values().forEach(external -> external(external, PortNeed.of(external, apps), listening));
        for (Listener listener : listeners) {
            if (listener.family() != Family.UNIX && !shown.contains(listener.inode())) {
                Map<String, @Nullable Object> row = row(listener, Optional.empty());
                row.put(
                        "state",
                        "orphan-tunnel".equals(row.get("kind"))
                                        || !localhostNote(listener).isEmpty()
                                ? "note"
                                : "ok");
                rows.add(row);
            }
        }
        return rows;
    }

    private void app(AppView app, PortNeed need) {
        List<Listener> found = Reach.on(listeners, need.address());
        for (Listener listener : found) {
            boolean own = belongs(listener).filter(app.name()::equals).isPresent() || isDaemon(listener);
            String taken = own || listener.holders().isEmpty()
                    ? ""
                    : app.name() + " needs this address, and " + listener.holderWords() + " has it";
            add(listener, need, own || listener.holders().isEmpty() ? "ok" : "wrong", taken);
        }
        if (found.isEmpty()) {
            String state = app.state().name().toLowerCase(Locale.ROOT);
            String kind = app.spec().tunnel().isPresent() ? "tunnel" : "app";
            missing(need, kind, "nobody listens here; " + app.name() + " is " + state);
        }
    }

    private void external(External external, PortNeed need, List<TcpSocket> listening) {
        List<Listener> found = Reach.on(listeners, need.address());
        for (Listener listener : found) {
            String process = external.process().orElse("");
            boolean wrong =
                    !process.isEmpty() && !listener.holders().isEmpty() && !ExternalLook.isCalled(listener, process);
            add(listener, need, wrong ? "wrong" : "ok", wrong ? "this should be " + process : "");
        }
        if (found.isEmpty()) {
            Sight sight = ExternalLook.at(external, listening);
            if (sight.away()) {
                missing(need, "service", sight.words());
            } else {
                Map<String, @Nullable Object> row = missing(need, "service", "reachable; it is not on this host");
                row.put("state", "ok");
            }
        }
    }

    private void add(Listener listener, PortNeed need, String state, String reason) {
        shown.add(listener.inode());
        Map<String, @Nullable Object> row = row(listener, Optional.of(need));
        String said = joined(reason, String.valueOf(row.get("reason")));
        row.put("reason", said);
        boolean plain = "declared".equals(row.get("tunnel"))
                && reason.isEmpty()
                && localhostNote(listener).isEmpty();
        row.put("state", state.equals("ok") && !said.isEmpty() && !plain ? "note" : state);
        rows.add(row);
    }

    private Map<String, @Nullable Object> missing(PortNeed need, String kind, String reason) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        Listen address = need.address();
        row.put("address", address.port() == 0 ? address.path() : address.host().isEmpty() ? "*" : address.host());
        row.put("port", address.port());
        row.put("family", address.port() == 0 ? "unix" : address.host().indexOf(':') >= 0 ? "ipv6" : "ipv4");
        row.put("pid", null);
        row.put("process", need.process().orElse(null));
        row.put("user", null);
        row.put("app", need.external() ? null : need.name());
        row.put("kind", kind);
        row.put("since", null);
        row.put("reason", reason);
        row.put("needed_by", need.neededBy());
        row.put("external", need.external() ? need.name() : null);
        row.put("state", "missing");
        rows.add(row);
        return row;
    }

    private Map<String, @Nullable Object> row(Listener listener, Optional<PortNeed> need) {
        Optional<ProcessFacts> holder = holder(listener);
        Optional<String> app = belongs(listener);
        if (app.isEmpty() && isDaemon(listener)) {
            app = need.filter(one -> !one.external()).map(PortNeed::name);
        }
        Optional<Tunnel> tunnel = holder.filter(Tunnel::isSsh).flatMap(process -> Tunnel.of(process, listener));
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("address", listener.address());
        row.put("port", listener.port());
        row.put("family", listener.family().name().toLowerCase(Locale.ROOT));
        Optional<Face> face = holder.map(this::face);
        row.put("pid", holder.map(ProcessFacts::pid).orElse(null));
        row.put("process", holder.map(ProcessFacts::program).orElse(null));
        row.put("user", user(listener, holder));
        row.put("app", app.orElse(null));
        row.put("kind", kind(listener, holder, app, tunnel, need));
        row.put("since", face.map(Face::since).orElse(null));
        row.put("reason", reason(listener, holder, app, tunnel));
        row.put("needed_by", need.map(PortNeed::neededBy).orElse(List.of()));
        row.put("external", need.filter(PortNeed::external).map(PortNeed::name).orElse(null));
        row.put("unit", face.flatMap(Face::unit).orElse(null));
        row.put("command", face.map(Face::command).orElse(null));
        boolean declared = app.flatMap(this::declared).isPresent();
        row.put(
                "tunnel",
                declared ? "declared" : tunnel.map(found -> word(found.kind())).orElse(null));
        return row;
    }

    /** Of several that share the socket, the app's program rather than its keeper or us. */
    private Optional<ProcessFacts> holder(Listener listener) {
        Optional<ProcessFacts> first = Optional.empty();
        for (ProcessFacts process : listener.holders()) {
            if (!isDaemon(process) && !Keeper.isKeeperOrSpare(process.command())) {
                return Optional.of(process);
            }
            first = first.isPresent() ? first : Optional.of(process);
        }
        return first;
    }

    private Optional<String> belongs(Listener listener) {
        for (ProcessFacts process : listener.holders()) {
            Optional<String> app = belonging.app(process.pid());
            if (app.isPresent()) {
                return app;
            }
        }
        return Optional.empty();
    }

    private static boolean isDaemon(Listener listener) {
        return listener.holders().stream().anyMatch(PortsDocument::isDaemon);
    }

    private static boolean isDaemon(ProcessFacts process) {
        return process.pid() == ProcessHandle.current().pid();
    }

    private static @Nullable String user(Listener listener, Optional<ProcessFacts> holder) {
        if (holder.isPresent()) {
            return holder.get().user();
        }
        return listener.uid().isPresent() ? ProcessFacts.userName(listener.uid().getAsInt()) : null;
    }

    /** What is shown of a process: some have hundreds of sockets. */
    private record Face(String since, Optional<String> unit, String command, boolean service) {}

    private Face face(ProcessFacts process) {
        return faces.computeIfAbsent(
                process.pid(),
                pid -> new Face(
                        process.started().toString(),
                        process.unit(),
                        CommandText.of(process.command()),
                        process.isService()));
    }

    private String kind(
            Listener listener,
            Optional<ProcessFacts> holder,
            Optional<String> app,
            Optional<Tunnel> tunnel,
            Optional<PortNeed> need) {
        if (app.isPresent()) {
            return declared(app.get()).isPresent() ? "tunnel" : "app";
        }
        if (tunnel.isPresent()) {
            return tunnel.get().kind() == Tunnel.Kind.ORPHAN ? "orphan-tunnel" : "tunnel";
        }
        if (holder.isEmpty()) {
            return "unknown";
        }
        boolean expected = need.filter(PortNeed::external).isPresent()
                && need.get()
                        .process()
                        .filter(name -> !ExternalLook.isCalled(listener, name))
                        .isEmpty();
        return expected || isDaemon(holder.get()) || face(holder.get()).service() ? "service" : "unknown";
    }

    private String reason(
            Listener listener, Optional<ProcessFacts> holder, Optional<String> app, Optional<Tunnel> tunnel) {
        String what = "";
        if (holder.isEmpty()) {
            what = "held by " + listener.holderWords();
        } else if (tunnel.isPresent() && app.isEmpty()) {
            what = (tunnel.get().kind() == Tunnel.Kind.ORPHAN ? "orphaned tunnel: it " : "tunnel: it ")
                    + tunnel.get().reason();
        }
        Optional<TunnelSpec> declared = app.flatMap(this::declared);
        if (declared.isPresent()) {
            what = "leads to " + declared.get().forward().target() + " through "
                    + declared.get().via().text();
        }
        return joined(what, localhostNote(listener));
    }

    /** Where the two families of one port belong to different processes: which of them {@code localhost} means. */
    private String localhostNote(Listener listener) {
        if (listener.family() == Family.UNIX || listener.holders().isEmpty()) {
            return "";
        }
        List<Listener> reached = Reach.atLocalhost(byPort.getOrDefault(listener.port(), List.of()), localhost);
        if (reached.size() < 2 || !reached.contains(listener)) {
            return "";
        }
        Listener first = reached.getFirst();
        for (Listener other : reached) {
            if (!sameOwner(first, other)) {
                return listener == first
                        ? "localhost:" + listener.port() + " leads here, not to " + other.place() + " (" + name(other)
                                + ")"
                        : "localhost:" + listener.port() + " leads to " + first.place() + " (" + name(first)
                                + "), not here: write 127.0.0.1 or [::1] instead of localhost";
            }
        }
        return "";
    }

    private static boolean sameOwner(Listener one, Listener other) {
        if (one.holders().isEmpty() || other.holders().isEmpty()) {
            return one.uid().equals(other.uid());
        }
        String name = one.holders().getFirst().program();
        return other.holders().stream().anyMatch(process -> process.program().equals(name));
    }

    private static String name(Listener listener) {
        return listener.holders().isEmpty()
                ? "of another user"
                : listener.holders().getFirst().program() + ", pid "
                        + listener.holders().getFirst().pid();
    }

    private static String word(Tunnel.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What an app forwards that is a tunnel. */
    private Optional<TunnelSpec> declared(String app) {
        return apps.stream()
                .filter(view -> view.name().equals(app))
                .findFirst()
                .flatMap(view -> view.spec().tunnel());
    }

    private static String joined(String one, String other) {
        return one.isEmpty() ? other : other.isEmpty() ? one : one + "; " + other;
    }
}
