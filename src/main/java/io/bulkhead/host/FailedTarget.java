package io.bulkhead.host;

import io.bulkhead.host.FailedConnections.Target;
import java.util.List;
import java.util.Optional;

/** Finds the address in a line about a connection that failed, in the words of Node, libpq, Go, Python and PHP. */
final class FailedTarget {

    private static final List<String> CODES = List.of("ECONNREFUSED ", "ETIMEDOUT ");
    private static final String PORT = "port ";
    private static final String ENDS = " \t\"'`,;()<>{}|";

    private FailedTarget() {}

    static Optional<Target> in(String line) {
        for (String code : CODES) {
            int at = line.indexOf(code);
            if (at >= 0) {
                Optional<Target> target = target(token(line, at + code.length()), true);
                if (target.isPresent()) {
                    return target;
                }
            }
        }
        return named(line).or(() -> anywhere(line));
    }

    /** libpq: {@code connection to server at "127.0.0.1", port 5432 failed}. */
    private static Optional<Target> named(String line) {
        int at = line.indexOf(PORT);
        int port = at < 0 ? 0 : number(token(line, at + PORT.length()));
        if (port == 0) {
            return Optional.empty();
        }
        int end = line.lastIndexOf('"', at);
        int start = end < 0 ? -1 : line.lastIndexOf('"', end - 1);
        return Optional.of(new Target(start < 0 ? "localhost" : line.substring(start + 1, end), port));
    }

    /** {@code dial tcp 127.0.0.1:5432: connect}, {@code Error 111 connecting to localhost:6379.} */
    private static Optional<Target> anywhere(String line) {
        for (int at = 0; at < line.length(); ) {
            String token = token(line, at);
            Optional<Target> target = target(token, false);
            if (target.isPresent()) {
                return target;
            }
            at += token.length() + 1;
        }
        return Optional.empty();
    }

    private static String token(String line, int from) {
        int end = from;
        while (end < line.length() && ENDS.indexOf(line.charAt(end)) < 0) {
            end++;
        }
        return line.substring(from, end);
    }

    /** @param surely whether it stands where an address must stand: a name or a path is believed too */
    private static Optional<Target> target(String token, boolean surely) {
        String text = token;
        while (!text.isEmpty() && ".:]".indexOf(text.charAt(text.length() - 1)) >= 0) {
            text = text.substring(0, text.length() - 1);
        }
        if (surely && text.startsWith("/")) {
            return Optional.of(new Target(text, 0));
        }
        int colon = text.lastIndexOf(':');
        int port = colon <= 0 ? 0 : number(text.substring(colon + 1));
        if (port == 0) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        int scheme = host.indexOf("://");
        host = host.substring(scheme < 0 ? 0 : scheme + 3).replace("[", "").replace("]", "");
        boolean plain = host.equals("localhost") || isAddress(host);
        return plain || surely && isName(host) ? Optional.of(new Target(host, port)) : Optional.empty();
    }

    private static boolean isAddress(String host) {
        int colons = 0;
        int dots = 0;
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            colons += c == ':' ? 1 : 0;
            dots += c == '.' ? 1 : 0;
            if (c != ':' && c != '.' && Character.digit(c, 16) < 0) {
                return false;
            }
        }
        return colons >= 2 || dots == 3 && colons == 0;
    }

    private static boolean isName(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (!Character.isLetterOrDigit(c) && c != '.' && c != '-' && c != '_') {
                return false;
            }
        }
        return !host.isEmpty();
    }

    private static int number(String text) {
        int number = 0;
        int at = 0;
        while (at < text.length() && at < 6 && Character.isDigit(text.charAt(at))) {
            number = number * 10 + text.charAt(at++) - '0';
        }
        return at == text.length() && number <= 65_535 ? number : 0;
    }
}
