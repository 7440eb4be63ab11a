package io.bulkhead.host;

import io.bulkhead.linux.Sight;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Probe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks one run over a socket. A run that has a private socket is asked there, so that no other answers for it; until a run takes connections itself, its app's
 * socket says nothing about it. Waits: for a thread of its own.
 */
final class Probes {

    private static final String HTTP = "http://";

    private Probes() {}

    /** A URL taken apart. */
    private record Url(String host, int port, String path) {}

    /** @param wasWell whether the run has answered well before: then it listens */
    static ProbeAnswer http(Probe.Http probe, RunSockets run, boolean wasWell, long millis) {
        boolean whole = probe.target().startsWith(HTTP);
        Url url = whole ? url(probe.target()) : new Url("", 0, probe.target());
        HttpProbe.Page page = new HttpProbe.Page(url.path, probe.statusFrom(), probe.statusTo(), millis);
        Optional<Listen> served =
                whole ? ownAddress(run, url) : run.app().listen().stream().findFirst();
        if (served.isEmpty()) {
            return first(addresses(url.host, url.port, millis), page);
        }
        Listen address = served.get();
        Optional<Path> own = run.privately(address);
        if (own.isPresent()) {
            return HttpProbe.ask(UnixDomainSocketAddress.of(own.get()), page);
        }
        if (!wasWell && run.listens(address) == Sight.NOT_YET) {
            return ProbeAnswer.ill(page.words() + ": it does not listen yet");
        }
        return address.port() == 0
                ? HttpProbe.ask(UnixDomainSocketAddress.of(address.path()), page)
                : first(addresses(address.host(), address.port(), millis), page);
    }

    static ProbeAnswer tcp(Probe.Tcp probe, long millis) {
        Listen address = probe.address();
        if (address.port() == 0) {
            return TcpProbe.ask(UnixDomainSocketAddress.of(address.path()), millis);
        }
        ProbeAnswer answer = ProbeAnswer.ill("connect to " + address.text() + ": the host's name is not known");
        for (SocketAddress where : addresses(address.host(), address.port(), millis)) {
            answer = TcpProbe.ask(where, millis);
            if (answer.well()) {
                return answer;
            }
        }
        return answer;
    }

    /** The first that is not refused: a program may serve v4 or v6 alone. */
    private static ProbeAnswer first(List<SocketAddress> addresses, HttpProbe.Page page) {
        ProbeAnswer answer = ProbeAnswer.ill(page.words() + ": the host's name is not known");
        for (int i = 0; i < addresses.size(); i++) {
            ProbeAnswer next = HttpProbe.ask(addresses.get(i), page);
            if (!next.words().contains("connection refused")) {
                return next;
            }
            answer = i == 0 ? next : answer;
        }
        return answer;
    }

    /** Which of the app's addresses a URL means: by its port. */
    private static Optional<Listen> ownAddress(RunSockets run, Url url) {
        for (Listen address : run.app().listen()) {
            if (address.port() == url.port) {
                return Optional.of(address);
            }
        }
        return Optional.empty();
    }

    private static Url url(String text) {
        String rest = text.substring(HTTP.length());
        int slash = rest.indexOf('/');
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        int colon = authority.lastIndexOf(':');
        boolean ported = colon > authority.lastIndexOf(']');
        int port = ported ? Integer.parseInt(authority, colon + 1, authority.length(), 10) : 80;
        String host = ported ? authority.substring(0, colon) : authority;
        return new Url(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port,
                slash < 0 ? "/" : rest.substring(slash));
    }

    private static List<SocketAddress> addresses(String host, int port, long millis) {
        List<SocketAddress> all = new ArrayList<>();
        for (InetAddress address : resolved(host.isEmpty() || host.equals("localhost") ? "" : host, millis)) {
            all.add(new InetSocketAddress(address, port));
        }
        return all;
    }

    private static List<InetAddress> resolved(String host, long millis) {
        if (host.isEmpty()) {
            return List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        }
        try {
            return List.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException aName) {
            return lookedUp(host, millis);
        }
    }

    /** The C library's resolver keeps its thread for seconds, and the daemon's virtual threads have one between them. */
    private static List<InetAddress> lookedUp(String host, long millis) {
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon(true).name("resolve " + host).start(() -> {
            try {
                found.complete(List.of(InetAddress.getAllByName(host)));
            } catch (UnknownHostException unknown) {
                found.complete(List.of());
            }
        });
        try {
            return found.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException late) {
            return List.of();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
