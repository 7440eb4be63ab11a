import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs the packaged program once, daemon and command line, so that the JVM writes down the classes it loaded. A later
 * start maps that cache instead of reading jars: `status` takes 50 ms instead of 250.
 *
 * <p>A build on a machine where the daemon cannot run still gives a package, only a slower one, and says so.
 */
final class Training {

    private static final int PATIENCE_SECONDS = 30;

    /** What a daemon does on an ordinary day: a program runs, one crashes and comes back, lines are written. */
    private static final String APPS = """
            apps:
              steady:
                command: sleep 600
              flaky:
                command: {shell: "echo one line; sleep 0.3; exit 1"}
            """;

    /** A child that the daemon asks for the checks of an app. */
    private static final String CHECKS = """
            {"job": "checks", "within_ms": 20000, "patience_ms": 5000, "in_full": true, "apps": ["a"],
             "spec": {"shared": "{}", "apps": {"a": "{\\"command\\": [\\"sleep\\", \\"1\\"], \\"working_dir\\": \\"/\\"}"}}}
            """;

    private final Path folder;
    private final Path launcher;
    private final Path daemonCache;
    private final Path cliCache;
    private final Path guardCache;
    private final Path log;

    Training(Path folder, String hash) {
        this.folder = folder;
        this.launcher = folder.resolve("bin/bulkhead");
        this.daemonCache = folder.resolve("lib/daemon-" + hash + ".aot");
        this.cliCache = folder.resolve("lib/cli-" + hash + ".aot");
        this.guardCache = folder.resolve("lib/guard-" + hash + ".aot");
        this.log = folder.resolveSibling("training.log");
    }

    /** Makes all caches, unless they are there, and removes those of earlier builds. */
    void run() throws IOException, InterruptedException {
        removeOthers();
        if (Files.exists(daemonCache) && Files.exists(cliCache) && Files.exists(guardCache)) {
            return;
        }
        Package.say("training: running the daemon and the command line once");
        Files.writeString(log, "");
        Path home = Files.createTempDirectory("bulkhead-training-");
        try {
            train(home);
            trainChecks(home);
        } finally {
            delete(home);
        }
        for (Path cache : List.of(daemonCache, cliCache, guardCache)) {
            if (!Files.exists(cache)) {
                Package.say("WARNING: no " + cache.getFileName()
                        + ": that program starts slower (target/training.log says why)");
            }
        }
    }

    private void train(Path home) throws IOException, InterruptedException {
        Files.writeString(home.resolve("bulkhead.yaml"), APPS);
        Process daemon = start(daemonCache, "daemon", "--config", home + "/bulkhead.yaml", "--home", home.toString());
        try {
            if (!answers(daemon, home)) {
                train(cliCache, "version");
                return;
            }
            // The cache of the command line holds what its last run loaded; the others are for the daemon's sake.
            command("status", "--json", "--home", home.toString());
            command("logs", "flaky", "--home", home.toString());
            command("events", "--home", home.toString());
            command("incidents", "--home", home.toString());
            command("restart", "steady", "--home", home.toString());
            train(cliCache, "status", "--home", home.toString());
            command("shutdown", "--home", home.toString());
            daemon.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS); // the cache is written while it ends
        } finally {
            if (daemon.isAlive()) {
                daemon.destroy(); // SIGTERM: it stops its apps
                if (!daemon.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    daemon.destroyForcibly();
                }
            }
        }
    }

    private void trainChecks(Path home) throws IOException, InterruptedException {
        Path request = home.resolve("request.json");
        Files.writeString(request, CHECKS);
        ProcessBuilder builder = process(List.of(launcher.toString()), "__guard");
        builder.environment().put("BULKHEAD_TRAINING", guardCache.toString());
        builder.redirectInput(request.toFile()).start().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private boolean answers(Process daemon, Path home) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (daemon.isAlive() && System.nanoTime() < end) {
            if (command("status", "--home", home.toString()) == 0) {
                return true;
            }
        }
        return false;
    }

    private void train(Path cache, String... arguments) throws IOException, InterruptedException {
        start(cache, arguments).waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private int command(String... arguments) throws IOException, InterruptedException {
        Process process = process(List.of(launcher.toString()), arguments).start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return -1;
        }
        return process.exitValue();
    }

    private Process start(Path cache, String... arguments) throws IOException {
        ProcessBuilder builder = process(List.of(launcher.toString()), arguments);
        builder.environment().put("BULKHEAD_TRAINING", cache.toString());
        return builder.start();
    }

    private ProcessBuilder process(List<String> program, String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        return builder;
    }

    private void removeOthers() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("lib"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".aot")).toList()) {
                if (!List.of(daemonCache, cliCache, guardCache).contains(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
