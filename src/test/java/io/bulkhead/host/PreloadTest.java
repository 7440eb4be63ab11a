package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The preload in a real node: where it is not meant it changes nothing at all. */
class PreloadTest {

    private static final int BY_SIGTERM = 128 + 15;

    @TempDir
    Path folder;

    private Path preload = Path.of("/");
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void install() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/node")), "node is missing: apt install nodejs");
        preload = new Preload(folder).installed();
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Process node(String wanted, String script) throws IOException {
        Path file = Files.writeString(folder.resolve("app.cjs"), script);
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/node", file.toString()).redirectErrorStream(true);
        builder.environment().put("NODE_OPTIONS", "--require=" + preload);
        builder.environment().put(NodeLaunch.WANTED, wanted);
        builder.environment()
                .put(
                        NodeLaunch.SOCKETS,
                        Files.createDirectories(folder.resolve("n")).toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static int ended(Process process) throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static String line(Process process) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = process.getInputStream().read();
                c >= 0 && c != '\n';
                c = process.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    @Test
    void aProgramWithoutServersEndsBySignalAsEver() throws Exception {
        Process process =
                node("on drain=SIGTERM", "setInterval(() => {}, 1000); console.log(process.listenerCount('SIGTERM'));");
        assertThat(line(process)).isEqualTo("0");
        process.destroy();
        assertThat(ended(process)).isEqualTo(BY_SIGTERM);
    }

    @Test
    void aProgramThatHasNothingToDoEndsAtOnceAndPrintsNothingOfOurs() throws Exception {
        Process process = node("on drain=SIGTERM profile", "");
        assertThat(ended(process)).isZero();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(folder.resolve("n")).isEmptyDirectory();
    }

    @Test
    void aServerEndsWithZeroInSpiteOfTimers() throws Exception {
        Process process = node(
                "on drain=SIGTERM",
                "setInterval(() => {}, 1000); require('http').createServer().listen(0, () => console.log('up'));");
        assertThat(line(process)).isEqualTo("up");
        process.destroy();
        assertThat(ended(process)).isZero();
    }

    @Test
    void aPrimaryOfAClusterEndsBySignalWithItsWorkers() throws Exception {
        Process process = node("on drain=SIGTERM", """
                const cluster = require('cluster');
                if (cluster.isPrimary) {
                  cluster.fork().on('listening', () => console.log('up'));
                } else {
                  require('http').createServer().listen(0);
                }
                """);
        assertThat(line(process)).isEqualTo("up");
        process.destroy();
        assertThat(ended(process)).isEqualTo(BY_SIGTERM);
    }

    @Test
    void threadsAndAHandlerOfTheirOwnAreLeftAlone() throws Exception {
        Process process = node("on drain=SIGTERM", """
                const { Worker } = require('worker_threads');
                new Worker("setTimeout(() => {}, 60000); require('worker_threads').parentPort.postMessage(process.listenerCount('SIGTERM'))",
                  { eval: true }).on('message', (count) => {
                  require('http').createServer().listen(0, () => console.log('thread ' + count));
                  process.once('SIGTERM', () => process.exit(9));
                });
                """);
        assertThat(line(process)).isEqualTo("thread 0");
        process.destroy();
        assertThat(ended(process)).isEqualTo(9);
    }

    @Test
    void aListenerThatOnlyLooksIsNoHandler() throws Exception {
        // As signal-exit does, in hundreds of tools: it counts the listeners, and ends the process where it is alone.
        Process process = node("on drain=SIGTERM", """
                globalThis[Symbol.for('signal-exit emitter')] = { count: 1 };
                process.on('SIGTERM', () => { if (process.listenerCount('SIGTERM') === 1) process.exit(3); });
                require('http').createServer().listen(0, () => console.log('up'));
                """);
        assertThat(line(process)).isEqualTo("up");
        process.destroy();
        assertThat(ended(process)).isZero();
    }

    @Test
    void aProfileLargerThanItsCapIsSummedUpAsFarAsItGoes() throws Exception {
        Process process = node("", """
                const { sum } = require('%s');
                const frame = (n) => ({ functionName: 'f' + n, url: '/app/x.js', lineNumber: n, columnNumber: 0 });
                const head = { callFrame: { functionName: '(root)', url: '', lineNumber: -1 }, selfSize: 0, children: [] };
                for (let n = 0; n < 1000; n++) head.children.push({ callFrame: frame(n), selfSize: n, children: [] });
                const { functions, truncated } = sum(head, 500);
                console.log(functions.length, truncated, functions[0].name, functions[0].line);
                """.formatted(preload.resolveSibling("profile.cjs")));
        assertThat(line(process)).isEqualTo("10 true f999 1000");
    }

    @Test
    void aLivingProcessTellsItsHeapAndNothingElse() throws Exception {
        Process process = node("on profile", """
                const kept = [];
                function keeps() { kept.push(new Array(10000).fill(0).map((_, n) => ({ n }))); }
                for (let i = 0; i < 30; i++) keeps();
                setInterval(() => kept.length, 1000);
                console.log('up');
                """);
        assertThat(line(process)).isEqualTo("up");
        int pid = (int) process.pid();
        await().atMost(Duration.ofSeconds(10)).until(() -> Files.exists(folder.resolve("n/" + pid)));
        Optional<Doc> heap = RunSocket.ask(folder.resolve("n"), pid, "heap", 10_000);
        assertThat(heap.orElse(Doc.EMPTY).number("heap_size_limit", 0)).isGreaterThan(1 << 20);
        Optional<Doc> profile = RunSocket.ask(folder.resolve("n"), pid, "leak-profile", 10_000);
        assertThat(LeakProfile.lines(profile.orElse(Doc.EMPTY)).getFirst())
                .matches("keeps, .*app\\.cjs:2: .* still alive");
        assertThat(RunSocket.ask(folder.resolve("n"), pid, "environment", 10_000))
                .isEmpty();
    }
}
