package io.bulkhead.guard;

import io.bulkhead.guard.ServerView.Session;
import io.bulkhead.spec.ServiceUrl;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks a Redis who it is and who is connected, in its own protocol (RESP 2): four commands do not need a library. */
final class RedisAsk {

    /** CLIENT LIST of ten thousand clients has about 4 MB. */
    private static final int MOST_BYTES = 16 << 20;

    private final InputStream in;
    private final OutputStream out;

    /** An error that Redis answered with. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    private RedisAsk(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    static ServerView ask(String service, ServiceUrl url, int millis) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(url.host(), url.port()), millis);
            socket.setSoTimeout(millis);
            RedisAsk redis = new RedisAsk(new BufferedInputStream(socket.getInputStream()), socket.getOutputStream());
            return redis.view(service, url, socket.getLocalPort());
        } catch (Refused refused) {
            return refusal(service, url, String.valueOf(refused.getMessage()));
        }
    }

    private static ServerView refusal(String service, ServiceUrl url, String said) {
        if (said.startsWith("NOAUTH")) {
            return ServerView.trouble(
                    service, "password", service + " wants a password: write it in url, redis://:PASSWORD@…");
        }
        if (said.contains("without any password configured") || said.contains("no password is set")) {
            return ServerView.trouble(
                    service, "password", service + " has no password, and url brings one: remove it there");
        }
        if (said.startsWith("WRONGPASS") || said.contains("invalid password")) {
            return ServerView.trouble(
                    service,
                    "password",
                    service + " does not accept the password of url"
                            + (url.user().isEmpty() ? "" : " for " + url.user()));
        }
        if (said.contains("max number of clients")) {
            return ServerView.trouble(service, "full", service + " is full: it lets nobody in (" + said + ")");
        }
        return ServerView.trouble(service, "failed", service + " answered: " + Sentence.of(said));
    }

    private ServerView view(String service, ServiceUrl url, int ownPort) throws IOException {
        if (!url.password().isEmpty()) {
            send(url.user().isEmpty() ? List.of("AUTH", url.password()) : List.of("AUTH", url.user(), url.password()));
            answer();
        }
        send(List.of("INFO"));
        Map<String, String> info = fields(answer(), "\r\n", ":");
        if (!info.containsKey("run_id")) {
            throw new GarbageException("an answer to INFO without run_id");
        }
        List<String> notes = new ArrayList<>();
        List<Session> sessions = new ArrayList<>();
        try {
            send(List.of("CLIENT", "LIST"));
            for (String line : answer().split("\n")) {
                Map<String, String> one = fields(line, " ", "=");
                if (!one.isEmpty()
                        && !one.getOrDefault("laddr", "").isEmpty()
                        && port(one.getOrDefault("addr", "")) == ownPort) {
                    continue;
                }
                if (!one.isEmpty() && sessions.size() < ServerView.MOST_SESSIONS) {
                    sessions.add(session(one));
                }
            }
        } catch (Refused denied) {
            notes.add("Redis does not show its clients to this user (" + Sentence.of(denied.getMessage())
                    + "): allow it with ACL SETUSER … +client|list");
        }
        long up = number(info.get("uptime_in_seconds"));
        return new ServerView(
                service,
                "",
                "",
                "Redis " + info.getOrDefault("redis_version", ""),
                info.getOrDefault("config_file", "") + " " + folder() + " port " + info.getOrDefault("tcp_port", ""),
                info.getOrDefault("run_id", ""),
                System.currentTimeMillis() - up * 1000,
                (int) number(info.get("maxclients")),
                0,
                Math.max(0, (int) number(info.get("connected_clients")) - 1),
                List.copyOf(sessions),
                List.copyOf(notes));
    }

    /** Where it keeps its data; empty where that may not be asked. */
    private String folder() throws IOException {
        try {
            send(List.of("CONFIG", "GET", "dir"));
            String[] lines = answer().split("\n");
            return lines.length > 1 ? lines[1] : "";
        } catch (Refused denied) {
            return "";
        }
    }

    private static Session session(Map<String, String> one) {
        String address = one.getOrDefault("addr", "");
        int colon = address.lastIndexOf(':');
        int port = port(address);
        String command = one.getOrDefault("cmd", "");
        String flags = one.getOrDefault("flags", "");
        boolean waits = flags.contains("b") || flags.contains("P") || flags.contains("S") || flags.contains("O");
        String host = port == 0 || colon < 0 ? "" : address.substring(0, colon);
        return new Session(
                number(one.get("id")),
                one.getOrDefault("user", ""),
                "db" + one.getOrDefault("db", "0"),
                one.getOrDefault("name", ""),
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port,
                waits
                        ? "waiting (" + command + ")"
                        : number(one.get("multi")) >= 0 && one.containsKey("multi") ? "in MULTI" : "idle",
                number(one.get("idle")),
                -1,
                waits);
    }

    private static int port(String address) {
        return (int) number(address.substring(address.lastIndexOf(':') + 1));
    }

    private static Map<String, String> fields(String text, String between, String equals) {
        Map<String, String> fields = new HashMap<>();
        for (String field : text.strip().split(between)) {
            int at = field.indexOf(equals);
            if (at > 0) {
                fields.put(field.substring(0, at), field.substring(at + 1).strip());
            }
        }
        return fields;
    }

    private static long number(@org.jspecify.annotations.Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException other) {
            return 0;
        }
    }

    private void send(List<String> words) throws IOException {
        StringBuilder text = new StringBuilder("*" + words.size() + "\r\n");
        for (String word : words) {
            text.append('$')
                    .append(word.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** One answer as text; a list as one line for each of its members. */
    private String answer() throws IOException {
        String line = line();
        if (line.isEmpty()) {
            throw new GarbageException("an empty line");
        }
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '-' -> throw new Refused(rest);
            case '$' -> bulk(length(rest));
            case '*' -> {
                StringBuilder all = new StringBuilder();
                for (int i = length(rest); i > 0; i--) {
                    all.append(answer()).append('\n');
                }
                yield all.toString();
            }
            default -> throw new GarbageException("\"" + Sentence.of(line) + "\"");
        };
    }

    private static int length(String text) throws GarbageException {
        long length = text.equals("0") ? 0 : number(text);
        if (length < -1 || length > MOST_BYTES || length == 0 && !text.equals("0")) {
            throw new GarbageException("a length of " + Sentence.of(text));
        }
        return (int) length;
    }

    private String bulk(int length) throws IOException {
        if (length < 0) {
            return "";
        }
        byte[] bytes = in.readNBytes(length);
        in.skipNBytes(2);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new GarbageException(
                        line.isEmpty()
                                ? "nothing, and closed the connection"
                                : "\"" + Sentence.of(line.toString()) + "\"");
            }
            if (next == '\n') {
                return line.toString().strip();
            }
            if (line.length() > 4096) {
                throw new GarbageException("\"" + Sentence.of(line.toString()) + "\"");
            }
            line.append((char) next);
        }
    }
}
