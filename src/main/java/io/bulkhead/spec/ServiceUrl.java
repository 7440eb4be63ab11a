package io.bulkhead.spec;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a database is asked: where it is, and with whose password. Its text never shows the password.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port 1 to 65535
 * @param user empty: the one the server takes for granted
 * @param password empty: none
 * @param database empty: the one the server takes for granted
 * @param tls the word of {@code sslmode} or {@code ssl-mode}, empty where none is written
 * @param text as it is written, password and all
 */
public record ServiceUrl(
        Kind kind, String host, int port, String user, String password, String database, String tls, String text) {

    /** What speaks there. */
    public enum Kind {
        POSTGRES("PostgreSQL", 5432),
        MYSQL("MySQL", 3306),
        REDIS("Redis", 6379);

        private final String title;
        private final int port;

        Kind(String title, int port) {
            this.title = title;
            this.port = port;
        }

        /** As its makers write it. */
        public String title() {
            return title;
        }

        /** The port it listens on where nothing else is said. */
        public int port() {
            return port;
        }
    }

    private static final String MASK = "********";
    private static final Map<String, Kind> SCHEMES = Map.of(
            "postgres", Kind.POSTGRES,
            "postgresql", Kind.POSTGRES,
            "mysql", Kind.MYSQL,
            "mariadb", Kind.MYSQL,
            "redis", Kind.REDIS);

    /** What {@link #text} was read from. */
    public static Optional<ServiceUrl> of(String text) {
        return parse(text).found();
    }

    static Parsed<ServiceUrl> parse(String text) {
        int end = text.indexOf("://");
        String scheme = end < 0 ? "" : text.substring(0, end).toLowerCase(java.util.Locale.ROOT);
        if (scheme.equals("rediss")) {
            return Parsed.bad(
                    0,
                    "is rediss://, and Redis is not asked over TLS yet",
                    "leave url out: then connections are counted by the kernel's view alone");
        }
        Kind kind = SCHEMES.get(scheme);
        if (kind == null) {
            // The text itself may be a password that was put in the wrong place.
            return Parsed.bad(
                    0,
                    "is no URL of a database that Bulkhead can ask",
                    "write postgres://user:password@host:5432/database, mysql://… or redis://…");
        }
        try {
            URI uri = new URI(text);
            if (uri.getHost() == null || uri.getHost().isEmpty()) {
                return Parsed.bad(
                        0,
                        "names no host: Bulkhead asks a database over TCP",
                        "write " + scheme + "://user:password@127.0.0.1:" + kind.port + "/database");
            }
            return Parsed.good(of(kind, uri, text));
        } catch (URISyntaxException wrong) {
            return Parsed.bad(
                    0,
                    "cannot be read as a URL (at character " + (wrong.getIndex() + 1) + ")",
                    "write special characters of the password as %XX: @ is %40, / is %2F, # is %23");
        }
    }

    private static ServiceUrl of(Kind kind, URI uri, String text) {
        String host = uri.getHost();
        String account = Optional.ofNullable(uri.getRawUserInfo()).orElse("");
        int colon = account.indexOf(':');
        String path = Optional.ofNullable(uri.getRawPath()).orElse("");
        Map<String, String> options =
                options(Optional.ofNullable(uri.getRawQuery()).orElse(""));
        return new ServiceUrl(
                kind,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                uri.getPort() < 0 ? kind.port : uri.getPort(),
                decoded(colon < 0 ? account : account.substring(0, colon)),
                colon < 0 ? "" : decoded(account.substring(colon + 1)),
                decoded(path.startsWith("/") ? path.substring(1) : path),
                options.getOrDefault("sslmode", options.getOrDefault("ssl-mode", "")),
                text);
    }

    private static Map<String, String> options(String query) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : query.split("&")) {
            int equals = option.indexOf('=');
            if (equals > 0) {
                options.put(option.substring(0, equals), decoded(option.substring(equals + 1)));
            }
        }
        return options;
    }

    /** As in RFC 3986, where a plus sign is a plus sign. */
    private static String decoded(String text) {
        return text.indexOf('%') < 0 ? text : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** {@code postgres://shop:********@127.0.0.1:5432/shop}. */
    @Override
    public String toString() {
        String account = user + (password.isEmpty() ? "" : ":" + MASK);
        return kind.name().toLowerCase(java.util.Locale.ROOT) + "://" + (account.isEmpty() ? "" : account + "@")
                + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port
                + (database.isEmpty() ? "" : "/" + database);
    }
}
