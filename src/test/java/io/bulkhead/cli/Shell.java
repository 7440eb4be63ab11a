package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Spec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs commands as somebody at a terminal or in a pipe would, and keeps what they print. */
final class Shell {

    final Map<String, String> environment = new HashMap<>(Map.of("LANG", "C.UTF-8"));
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    Path directory;
    Path systemRoot;
    boolean root = true;
    boolean terminal;
    int columns = 120;
    final Map<String, String> refusals = new HashMap<>();
    Function<Doc, List<Map<String, Object>>> memory = running -> List.of();
    DaemonStarter starter = (caller, home) -> {
        throw new IOException("no daemon is started in this test");
    };

    private final Preflight preflight = new Preflight() {
        @Override
        public Host host(Map<String, String> environment) {
            return new Host(environment, 1L << 30, 2, root, ZoneOffset.UTC);
        }

        @Override
        public List<Map<String, Object>> examine(Spec spec, AppSpec app, Map<String, String> environment) {
            String message = refusals.get(app.name());
            return message == null
                    ? List.of()
                    : List.of(Map.of(
                            "app",
                            app.name(),
                            "check",
                            "command",
                            "severity",
                            "error",
                            "message",
                            message,
                            "evidence",
                            "",
                            "fix",
                            ""));
        }

        @Override
        public List<Map<String, Object>> checks(
                Spec spec,
                List<String> apps,
                Map<String, String> environment,
                Doc running,
                BiConsumer<Integer, Integer> progress) {
            List<Map<String, Object>> found = new ArrayList<>();
            for (String app : apps) {
                found.addAll(examine(spec, spec.apps().get(app), environment));
                if (root && spec.apps().get(app).user().isEmpty()) {
                    found.add(Map.of(
                            "app",
                            app,
                            "check",
                            "user",
                            "severity",
                            "warning",
                            "message",
                            "it would run as root",
                            "evidence",
                            "",
                            "fix",
                            "write user: NAME"));
                }
            }
            return found;
        }

        @Override
        public List<Map<String, Object>> memory(Spec spec, Doc running) {
            return memory.apply(running);
        }

        @Override
        public List<Map<String, @Nullable Object>> doctor(Home home) {
            return List.of(new HashMap<>(
                    Map.of("check", "state", "severity", "ok", "message", "looked at " + home.state(), "fix", "")));
        }

        @Override
        public String scope(Home home) {
            return "bulkhead-apps.scope";
        }
    };

    Shell(Path directory) {
        this.directory = directory;
        this.systemRoot = directory.resolve("root");
    }

    int run(String... words) {
        out.reset();
        err.reset();
        return Cli.run(words, caller(out));
    }

    Caller caller(OutputStream to) {
        return new Caller(
                environment,
                root,
                directory,
                systemRoot,
                to,
                err,
                terminal,
                terminal,
                terminal ? columns : 0,
                preflight,
                starter);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
