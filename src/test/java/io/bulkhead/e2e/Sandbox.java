package io.bulkhead.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.api.Client;
import io.bulkhead.api.Reply;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One home of the packaged program in a folder of its own, driven the way a user does: by typing commands. */
final class Sandbox implements AutoCloseable {

    static final Path PROGRAM = Path.of("target/bulkhead/bin/bulkhead").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final Path home;
    private final List<Process> started = new ArrayList<>();
    private List<String> through = List.of();

    /** What a command printed and how it ended. */
    record Result(int exit, String out, String err) {
        Result ok() {
            assertThat(exit).as("exit code; stdout: %s stderr: %s", out, err).isZero();
            return this;
        }

        Result exits(int code) {
            assertThat(exit).as("exit code; stdout: %s stderr: %s", out, err).isEqualTo(code);
            return this;
        }

        String all() {
            return out + err;
        }

        @SuppressWarnings("unchecked")
        Map<String, Object> json() throws JsonException {
            return (Map<String, Object>) Json.read(out);
        }
    }

    Sandbox() throws IOException {
        this(Files.createTempDirectory("bulkhead-e2e"));
    }

    Sandbox(Path home) {
        this.home = home;
    }

    /** Every command goes through this one, the daemon too: its words stand before the program's. */
    Sandbox through(String... command) {
        through = List.of(command);
        return this;
    }

    /** The daemon is an ordinary user's, who owns the home. */
    Sandbox asNobody() throws Exception {
        new ProcessBuilder("chown", "-R", "65534:65534", home.toString())
                .start()
                .waitFor();
        return through("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    }

    Path write(String name, String text) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    Path script(String name, String text) throws IOException {
        Path file = write(name, text);
        file.toFile().setExecutable(true, false);
        return file;
    }

    /** Writes {@code bulkhead.yaml} and brings it up in the background. */
    Sandbox up(String yaml) throws Exception {
        write("bulkhead.yaml", yaml);
        run("up", "-d", "-f", home.resolve("bulkhead.yaml").toString()).ok();
        return this;
    }

    Result run(String... arguments) throws Exception {
        return runBounded(Duration.ofSeconds(60), arguments);
    }

    Result runBounded(Duration bound, String... arguments) throws Exception {
        Path out = Files.createTempFile("out", ".txt");
        Path err = Files.createTempFile("err", ".txt");
        Process process = process(arguments)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS))
                    .as("bulkhead %s ends within %s; so far: %s", List.of(arguments), bound, Files.readString(out))
                    .isTrue();
            return new Result(process.exitValue(), readText(out), readText(err));
        } finally {
            process.destroyForcibly();
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Starts a command that goes on, its output into {@code output}; ended at the latest with the sandbox. */
    Process begin(Path output, String... arguments) throws IOException {
        Process process = process(arguments)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        started.add(process);
        return process;
    }

    private ProcessBuilder process(String... arguments) {
        List<String> command = new ArrayList<>(through);
        command.add(PROGRAM.toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
        builder.environment().put("BULKHEAD_HOME", home.toString());
        builder.environment().put("NO_COLOR", "1");
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return builder;
    }

    private static String readText(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** What {@code --json} prints of it, without the command: a test that waits asks often, and each command is a program's start. */
    private Object asked(String target) throws IOException {
        try (Reply reply = new Client(home.resolve("run/bulkhead.sock")).get(target)) {
            assertThat(reply.status()).as(target).isEqualTo(200);
            return Objects.requireNonNull(reply.json());
        }
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> app(String name) throws Exception {
        for (Object app : (List<Object>) ((Map<String, Object>) asked("/v1/status")).get("apps")) {
            if (((Map<String, Object>) app).get("name").equals(name)) {
                return (Map<String, Object>) app;
            }
        }
        throw new AssertionError("status does not show " + name);
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> instance(String name, int index) throws Exception {
        return ((List<Map<String, Object>>) app(name).get("instances")).get(index);
    }

    /** Newest first; {@code app} alone. */
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> incidents(String app) throws Exception {
        return (List<Map<String, Object>>) asked("/v1/incidents?app=" + Client.encode(app));
    }

    long pid(String name) throws Exception {
        return ((Number) instance(name, 0).get("pid")).longValue();
    }

    String state(String name) throws Exception {
        return (String) app(name).get("state");
    }

    /** Waits until {@code fact} holds: every such fact comes soon or never. */
    static void eventually(String what, Callable<Boolean> fact) {
        await(what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(150))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(fact);
    }

    /** Whether apps find a node in their PATH. */
    static boolean hasNode() {
        return Files.isExecutable(Path.of("/usr/bin/node")) || Files.isExecutable(Path.of("/usr/local/bin/node"));
    }

    static boolean alive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false) && !isZombie(pid);
    }

    private static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException gone) {
            return true;
        }
    }

    static void kill(long pid, String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
    }

    @Override
    public void close() throws Exception {
        runBounded(Duration.ofSeconds(60), "shutdown");
        for (Process process : started) {
            process.destroy();
            process.waitFor(10, TimeUnit.SECONDS);
            process.destroyForcibly();
        }
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
