package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.TunnelSpec.Forward;
import io.bulkhead.spec.TunnelSpec.Via;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a tunnel may say. */
final class TunnelKeys {

    private static final String FORWARD_WANTS = "[BIND:]PORT:HOST:PORT as for ssh -L";
    private static final String VIA_WANTS = "[USER@]HOST[:PORT]";
    private static final Duration YEAR = Duration.ofDays(366);

    static final Key<Forward> FORWARD = Key.of(
            "forward",
            new Told<>(
                    FORWARD_WANTS,
                    (scalar, scope) -> forward(scalar.text()),
                    Json.of("type", "string", "pattern", "^(.+:)?[0-9]{1,5}:.+:[0-9]{1,5}$")),
            "[BIND:]PORT:HOST:PORT as for ssh -L; without BIND it is 127.0.0.1.");
    static final Key<Via> VIA = Key.of(
            "via",
            new Told<>(
                    VIA_WANTS,
                    (scalar, scope) -> via(scalar.text()),
                    Json.of("type", "string", "pattern", "^[^\\s-]\\S*$")),
            "The ssh server: [USER@]HOST[:PORT].");
    static final Key<Path> KEY = Key.of(
            "key", AppTypes.PATH, "File of its private key; without it, the one that bulkhead tunnel key makes.");
    static final Key<Duration> MAX_AGE = Key.of(
            "max_age",
            Durations.type(Duration.ofSeconds(1), YEAR),
            "Age at which it is closed; never while a client is connected.");
    static final Key<Duration> IDLE = Key.of(
            "idle", Durations.type(Duration.ofSeconds(1), YEAR), "Time without a client after which it is closed.");
    static final Key<Duration> KEEPALIVE = Key.of(
                    "keepalive",
                    Durations.type(Duration.ofSeconds(1), Duration.ofMinutes(10)),
                    "Silence after which the server is asked whether it lives; it is given up after three times that.")
            .standard("15s");

    static final Section SECTION =
            new Section("a tunnel", false, FORWARD, VIA, KEY, MAX_AGE, IDLE, KEEPALIVE).needing("forward", "via");

    private TunnelKeys() {}

    /** The tunnel; empty when it cannot be, which is reported. */
    static Optional<TunnelSpec> bind(String name, Values values, Scope scope) {
        for (Key<?> needed : List.of(FORWARD, VIA)) {
            if (!values.attempted(needed)) {
                scope.wrong(
                        values.place(),
                        "the tunnel " + Words.quoted(name) + " has no " + Words.quoted(needed.name()),
                        needed == FORWARD
                                ? "write what it forwards, such as forward: \"127.0.0.1:5433:localhost:5432\""
                                : "write the ssh server, such as via: user@db-server");
            }
        }
        Optional<Forward> forward = values.get(FORWARD);
        if (forward.filter(Forward::forEverybody).isPresent()) {
            scope.problems()
                    .warning(
                            values.place(FORWARD),
                            "whoever reaches port " + forward.get().port() + " of this host gets through this tunnel",
                            "write 127.0.0.1 for this host's own programs alone");
        }
        return forward.flatMap(what -> values.get(VIA)
                .map(via -> new TunnelSpec(
                        what,
                        via,
                        values.get(KEY),
                        values.get(MAX_AGE),
                        values.get(IDLE),
                        values.get(KEEPALIVE, scope))));
    }

    /** What {@link #SECTION} reads back. */
    static Map<String, Object> source(TunnelSpec tunnel) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(FORWARD.name(), tunnel.forward().text());
        all.put(VIA.name(), tunnel.via().text());
        tunnel.key().ifPresent(file -> all.put(KEY.name(), file.toString()));
        tunnel.maxAge().ifPresent(age -> all.put(MAX_AGE.name(), Durations.text(age)));
        tunnel.idle().ifPresent(time -> all.put(IDLE.name(), Durations.text(time)));
        all.put(KEEPALIVE.name(), Durations.text(tunnel.keepalive()));
        return all;
    }

    private static Parsed<Forward> forward(String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (c == ':' && depth == 0) {
                parts.add(part.toString());
                part.setLength(0);
            } else if (c != '[' && c != ']') {
                part.append(c);
            }
        }
        parts.add(part.toString());
        if (parts.size() == 3) {
            parts.addFirst("127.0.0.1");
        }
        if (depth != 0 || parts.size() != 4) {
            return Parsed.bad(
                    0,
                    "wants " + FORWARD_WANTS + ", not " + Words.quoted(text),
                    "such as 127.0.0.1:5433:localhost:5432; IPv6 addresses stand in brackets");
        }
        String bind = parts.get(0).equals("*") ? "0.0.0.0" : parts.get(0);
        int port = port(parts.get(1));
        int hostPort = port(parts.get(3));
        if (port <= 0 || hostPort <= 0) {
            return Parsed.bad(
                    0,
                    port == 0
                            ? "has port 0: which one it would get nobody could know"
                            : "has a port that is none: " + Words.quoted(port < 0 ? parts.get(1) : parts.get(3)),
                    "ports go from 1 to 65535");
        }
        if (!isAddress(bind)) {
            return Parsed.bad(
                    0,
                    "binds " + Words.quoted(bind) + ", which is no address",
                    "write 127.0.0.1 or [::1]: a name such as localhost may be one, the other, or something else in"
                            + " /etc/hosts");
        }
        if (!isHost(parts.get(2))) {
            return Parsed.bad(0, "has no host's name in " + Words.quoted(parts.get(2)), "wants " + FORWARD_WANTS);
        }
        return Parsed.good(new Forward(bind, port, parts.get(2), hostPort));
    }

    private static Parsed<Via> via(String text) {
        int at = text.lastIndexOf('@');
        String user = at < 0 ? "" : text.substring(0, at);
        String place = text.substring(at + 1);
        int bracket = place.lastIndexOf(']');
        int colon = place.lastIndexOf(':');
        boolean several = bracket < 0 && colon >= 0 && place.indexOf(':') != colon;
        boolean ported = colon > bracket && !several;
        String host = ported ? place.substring(0, colon) : place;
        int port = ported ? port(place.substring(colon + 1)) : Via.SSH;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (at == 0 || port <= 0 || !isHost(host) || !(user.isEmpty() || isUser(user))) {
            return Parsed.bad(
                    0,
                    "wants " + VIA_WANTS + ", not " + Words.quoted(text),
                    "names from ~/.ssh/config are not known here: write user@host");
        }
        return Parsed.good(new Via(user, host, port));
    }

    /** -1 for what is no port. */
    private static int port(String text) {
        if (text.isEmpty() || text.length() > 5) {
            return -1;
        }
        int port = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            port = port * 10 + c - '0';
        }
        return port <= 65_535 ? port : -1;
    }

    private static boolean isAddress(String text) {
        try {
            return !text.isEmpty() && !InetAddress.ofLiteral(text).isMulticastAddress();
        } catch (IllegalArgumentException aName) {
            return false;
        }
    }

    /** What ssh takes for a name and not for an option or a path (its own valid_hostname, misc.c, is laxer). */
    private static boolean isHost(String text) {
        return isPlain(text, ".-_:%");
    }

    private static boolean isUser(String text) {
        return isPlain(text, ".-_+\\$");
    }

    private static boolean isPlain(String text, String besides) {
        boolean plain = !text.isEmpty() && text.length() <= 255 && text.charAt(0) != '-';
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            plain &= c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c > 0x7f && Character.isLetter(c)
                    || besides.indexOf(c) >= 0;
        }
        return plain;
    }
}
