package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.Users;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The pools of a PHP-FPM master, from its configuration, and how each is, from its status page. */
final class FpmPools {

    private static final long PATIENCE_MILLIS = 1_000;
    private static final int LARGEST_FILE = 1 << 20;
    private static final int MOST_POOLS = 50;
    private static final String TITLE = "php-fpm: master process (";

    /** One pool, as it is written. */
    private static final class Pool {
        final String name;
        final Path file;
        final Map<String, String> keys = new LinkedHashMap<>();

        Pool(String name, Path file) {
            this.name = name;
            this.file = file;
        }

        String get(String key) {
            return keys.getOrDefault(key, "").replace("$pool", name);
        }
    }

    private FpmPools() {}

    /** @return for each pool: name, listen, max_children, status (object), problem, fix; none where the configuration cannot be found or read */
    static List<Map<String, @Nullable Object>> of(ProcessFacts master) {
        Optional<Path> file = isTrusted(master) ? configuration(master) : Optional.empty();
        List<Pool> pools = new ArrayList<>();
        file.ifPresent(path -> read(path, pools, true));
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        for (Pool pool : pools.subList(0, Math.min(MOST_POOLS, pools.size()))) {
            documents.add(document(pool, master));
        }
        return documents;
    }

    /**
     * Anybody may call a program php-fpm and name a file in its title: a daemon that is root would read it, and ask a socket that they may not reach to run what they
     * like.
     */
    private static boolean isTrusted(ProcessFacts master) {
        return master.program().startsWith("php-fpm") && (master.uid() == 0 || master.uid() == Users.effectiveUser());
    }

    /** It calls itself by its file. */
    private static Optional<Path> configuration(ProcessFacts master) {
        String title = String.join(" ", master.command());
        int end = title.lastIndexOf(')');
        return title.startsWith(TITLE) && end > TITLE.length()
                ? Optional.of(Path.of(title.substring(TITLE.length(), end)))
                : Optional.empty();
    }

    private static void read(Path file, List<Pool> pools, boolean main) {
        List<String> lines;
        try {
            if (Files.size(file) > LARGEST_FILE) {
                return;
            }
            lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            return;
        }
        Optional<Pool> pool = Optional.empty();
        for (String each : lines) {
            String line = each.strip();
            int equals = line.indexOf('=');
            if (line.startsWith("[") && line.endsWith("]")) {
                String name = line.substring(1, line.length() - 1);
                pool = name.equals("global") ? Optional.empty() : Optional.of(new Pool(name, file));
                pool.ifPresent(pools::add);
            } else if (equals > 0 && !line.startsWith(";")) {
                String key = line.substring(0, equals).strip();
                String value = line.substring(equals + 1).strip().replace("\"", "");
                if (key.equals("include") && main) {
                    included(value).forEach(path -> read(path, pools, false));
                } else {
                    pool.ifPresent(one -> one.keys.put(key, value));
                }
            }
        }
    }

    private static List<Path> included(String pattern) {
        Path path = Path.of(pattern);
        Path folder = path.getParent();
        TreeSet<Path> files = new TreeSet<>();
        if (folder != null && path.isAbsolute()) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, String.valueOf(path.getFileName()))) {
                found.forEach(files::add);
            } catch (IOException | java.util.regex.PatternSyntaxException unreadable) {
                return List.of();
            }
        }
        return List.copyOf(files);
    }

    private static Map<String, @Nullable Object> document(Pool pool, ProcessFacts master) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("name", pool.name);
        document.put("listen", pool.get("listen"));
        document.put("max_children", number(pool.get("pm.max_children")));
        document.put("status", null);
        document.put("problem", null);
        document.put("fix", null);
        String path = pool.get("pm.status_path");
        if (path.isEmpty()) {
            document.put("problem", "pm.status_path is not set: its queue cannot be seen");
            document.put(
                    "fix",
                    "write pm.status_path = /fpm-status below [" + pool.name + "] in " + pool.file + ", then: "
                            + master.unit()
                                    .filter(unit -> unit.endsWith(".service"))
                                    .map(unit -> "systemctl reload " + unit)
                                    .orElse("kill -USR2 " + master.pid()));
            return document;
        }
        String status = pool.get("pm.status_listen");
        try {
            Doc answer = Doc.of(Json.read(
                    FastCgi.get(status.isEmpty() ? pool.get("listen") : status, path, "json", PATIENCE_MILLIS)));
            Map<String, @Nullable Object> said = new LinkedHashMap<>();
            for (String key : List.of(
                    "listen queue",
                    "max listen queue",
                    "active processes",
                    "total processes",
                    "max children reached",
                    "slow requests")) {
                said.put(key.replace(' ', '_'), answer.number(key, 0));
            }
            document.put("status", said);
        } catch (IOException | JsonException silent) {
            document.put(
                    "problem",
                    "its status page does not answer within " + PATIENCE_MILLIS / 1000 + " s (" + silent.getMessage()
                            + "): are all its workers busy?");
            document.put(
                    "fix",
                    status.isEmpty()
                            ? "pm.status_listen gives the page a worker of its own, also when all others are busy"
                            : "");
        }
        return document;
    }

    private static @Nullable Integer number(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException missing) {
            return null;
        }
    }
}
