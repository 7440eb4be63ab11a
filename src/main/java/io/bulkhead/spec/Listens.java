package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Several.Many;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Addresses to serve or to reach. */
final class Listens {

    private static final String WANTS = "a port, HOST:PORT or the path of a socket";

    /**
     * @param host empty for every address and for sockets that are files
     * @param port 0 for a file
     * @param path empty for a port
     */
    record Address(String host, int port, String path) {

        /** Whether one process at most can have both. */
        boolean clashes(Address other) {
            boolean everywhere = host.isEmpty() || other.host.isEmpty();
            return port == other.port && path.equals(other.path) && (everywhere || host.equals(other.host));
        }

        String text() {
            return port == 0 ? path : host.isEmpty() ? "port " + port : host + ":" + port;
        }
    }

    private static final Type<Address> ONE = new Told<>(
            WANTS,
            (scalar, scope) -> parse(scalar.text(), true),
            Schemas.anyOf(
                    Json.of("type", "integer", "minimum", 1, "maximum", 65535),
                    Json.of("type", "string", "pattern", "^(/.+|([^/\\s]+:)?[0-9]{1,5})$")));

    private static final Key<Address> ADDRESS = Key.of("address", ONE, "Where it serves.");

    private static final Section DETAILED = new Section(
                    "listen",
                    false,
                    ADDRESS,
                    Key.of(
                                    "handover",
                                    choice(
                                            "auto, true or false",
                                            Scalars.Word.of("auto"),
                                            new Mapped<>(new Scalars.Flag(), flag -> flag.toString())),
                                    "Whether Bulkhead opens and keeps the socket.")
                            .standard("auto"))
            .needing("address");

    private static final Type<Address> ONE_OR_DETAILED = choice(WANTS, new Addressed(), ONE);

    static final Type<List<Address>> TYPE = new Many<>(ONE_OR_DETAILED, true, 1);

    /** A place to connect to or to bind: a port needs no host. */
    static final Type<Address> ENDPOINT = ONE;

    private Listens() {}

    private static Parsed<Address> parse(String text, boolean files) {
        if (files && text.startsWith("/")) {
            // sun_path of unix(7) holds 108 bytes with the final NUL.
            return text.length() > 107
                    ? Parsed.bad(
                            0,
                            "is too long for a socket: " + text.length() + " characters of at most 107",
                            "use a shorter path")
                    : Parsed.good(new Address("", 0, text));
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        Optional<Integer> port = port(text.substring(colon + 1));
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
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
        boolean everywhere = host.equals("0.0.0.0") || host.equals("[::]") || host.equals("*");
        return Parsed.good(new Address(everywhere ? "" : host, port.get(), ""));
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
    private record Addressed() implements Type<Address> {

        @Override
        public Optional<Address> read(Node node, Scope scope) {
            Optional<Values> values = DETAILED.read(node, scope);
            if (values.isPresent() && !values.get().has(ADDRESS)) {
                return scope.wrong(node.place(), Words.quoted(scope.key()) + " wants an \"address\"");
            }
            return values.flatMap(found -> found.get(ADDRESS));
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
