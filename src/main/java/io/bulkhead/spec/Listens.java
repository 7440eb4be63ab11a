package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Listen.Handover;
import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Scalars.Word;
import io.bulkhead.spec.Several.Many;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Addresses to serve or to reach. */
final class Listens {

    private static final String WANTS = "a port, HOST:PORT or the path of a socket";

    private static final Type<Listen> ONE = new Told<>(
            WANTS,
            (scalar, scope) -> parse(scalar.text()),
            Schemas.anyOf(
                    Json.of("type", "integer", "minimum", 1, "maximum", 65535),
                    Json.of("type", "string", "pattern", "^(/.+|([^/\\s]+:)?[0-9]{1,5})$")));

    private static final Key<Listen> ADDRESS = Key.of("address", ONE, "Where it serves.");

    private static final Key<Handover> HANDOVER = Key.of(
                    "handover",
                    choice(
                            "auto, true or false",
                            new Mapped<>(Word.of("auto"), word -> Handover.AUTO),
                            new Mapped<>(new Flag(), flag -> flag ? Handover.ALWAYS : Handover.NEVER)),
                    "Whether Bulkhead opens and keeps the socket.")
            .standard("auto");

    private static final Section DETAILED = new Section("listen", false, ADDRESS, HANDOVER).needing("address");

    private static final Type<Listen> ONE_OR_DETAILED = choice(WANTS, new Addressed(), ONE);

    static final Type<List<Listen>> TYPE = Off.or(new Many<>(ONE_OR_DETAILED, true, 1), List.of());

    /** A place to connect to or to bind: a port needs no host. */
    static final Type<Listen> ENDPOINT = ONE;

    private Listens() {}

    /** What {@link #TYPE} reads back. */
    static Object source(Listen listen) {
        return switch (listen.handover()) {
            case AUTO -> listen.text();
            case ALWAYS -> Json.of(ADDRESS.name(), listen.text(), HANDOVER.name(), true);
            case NEVER -> Json.of(ADDRESS.name(), listen.text(), HANDOVER.name(), false);
        };
    }

    private static Parsed<Listen> parse(String text) {
        if (text.startsWith("/")) {
            // sun_path of unix(7) holds 108 bytes with the final NUL.
            return text.length() > 107
                    ? Parsed.bad(
                            0,
                            "is too long for a socket: " + text.length() + " characters of at most 107",
                            "use a shorter path")
                    : Parsed.good(new Listen("", 0, text, Handover.AUTO));
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        Optional<Integer> port = port(text.substring(colon + 1));
        boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
        boolean wrongHost = colon == 0
                || (host.indexOf(':') >= 0 && !bracketed)
                || host.indexOf('/') >= 0
                || host.indexOf(' ') >= 0;
        if (port.isEmpty() || wrongHost) {
            return Parsed.bad(
                    Math.max(0, colon),
                    "wants " + WANTS + ", not " + Words.quoted(text),
                    "ports go from 1 to 65535; IPv6 is written [::1]:3000");
        }
        String plain = bracketed ? host.substring(1, host.length() - 1) : host;
        boolean everywhere = plain.equals("0.0.0.0") || plain.equals("::") || plain.equals("*");
        return Parsed.good(new Listen(everywhere ? "" : plain, port.get(), "", Handover.AUTO));
    }

    private static Optional<Integer> port(String text) {
        if (text.isEmpty() || text.length() > 5) {
            return Optional.empty();
        }
        int port = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return Optional.empty();
            }
            port = port * 10 + text.charAt(i) - '0';
        }
        return port >= 1 && port <= 65535 ? Optional.of(port) : Optional.empty();
    }

    /** {@code {address: 3000, handover: auto}}. */
    private record Addressed() implements Type<Listen> {

        @Override
        public Optional<Listen> read(Node node, Scope scope) {
            Optional<Values> values = DETAILED.read(node, scope);
            if (values.isPresent() && !values.get().attempted(ADDRESS)) {
                return scope.wrong(node.place(), Words.quoted(scope.key()) + " wants an \"address\"");
            }
            return values.flatMap(found -> found.get(ADDRESS).map(address -> address.with(found.get(HANDOVER, scope))));
        }

        @Override
        public boolean fits(Node node) {
            return DETAILED.fits(node);
        }

        @Override
        public String wants() {
            return DETAILED.wants();
        }

        @Override
        public Map<String, Object> schema() {
            return DETAILED.schema();
        }
    }
}
