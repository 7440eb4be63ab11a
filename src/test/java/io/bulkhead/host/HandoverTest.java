package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.api.Doc;
import io.bulkhead.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real Node programs below a socket that somebody else holds, without a daemon. */
class HandoverTest {

    private static final Path PROGRAMS = Path.of("src/test/node").toAbsolutePath();
    private static final long PATIENCE_MILLIS = 10_000;
    private static final int BY_SIGTERM = 15;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();
    private Path sockets = Path.of("/");
    private Path printed = Path.of("/");

    @BeforeEach
    void prepare() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/node")), "node is missing: apt install nodejs");
        sockets = Files.createDirectory(folder.resolve("n"));
        printed = folder.resolve("printed");
    }

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.getOutputStream().close();
            process.waitFor(5, TimeUnit.SECONDS);
            process.destroyForcibly();
        }
    }

    /** Who holds the socket, and starts programs with it. */
    private final class Holder {
        final Process process;
        final int port;

        Holder(String host, String admit) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(
                            "perl", PROGRAMS.resolve("holder.pl").toString(), host)
                    .directory(folder.toFile())
                    .redirectError(printed.toFile());
            builder.environment().remove("PORT");
            builder.environment().put("NODE_OPTIONS", "--require=" + new Preload(folder).installed());
            builder.environment().put(NodeLaunch.WANTED, "on drain=SIGTERM messages=SIGTERM handover");
            builder.environment().put(NodeLaunch.SOCKETS, sockets.toString());
            builder.environment().put("BULKHEAD_RUN", "test-1");
            builder.environment().put("LISTEN_FDS", "1");
            builder.environment().put("BULKHEAD_ADMIT", admit);
            builder.environment().put("HOST", host);
            process = builder.start();
            started.add(process);
            port = Integer.parseInt(process.inputReader().readLine());
        }

        int start(String command) throws IOException {
            process.outputWriter().append(command).append('\n').flush();
            return Integer.parseInt(process.inputReader().readLine());
        }

        /** How it ended, as a wait status. */
        int ended(int pid) throws IOException {
            return start("wait " + pid);
        }
    }

    private Doc ask(int pid, String question) {
        return RunSocket.ask(sockets, pid, question, PATIENCE_MILLIS).orElse(Doc.EMPTY);
    }

    /** The process that listens on its private socket. */
    private int listening() throws IOException {
        await().atMost(Duration.ofSeconds(60)).until(() -> servers().size() == 1);
        return servers().getFirst();
    }

    private void awaitListening(int pid) {
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(sockets.resolve(pid + ".0")));
    }

    private List<Integer> servers() throws IOException {
        List<Integer> found = new ArrayList<>();
        try (var names = Files.newDirectoryStream(sockets, "*.0")) {
            for (Path name : names) {
                String text = name.getFileName().toString();
                found.add(Integer.valueOf(text.substring(0, text.length() - 2)));
            }
        }
        return found;
    }

    private String privately(int pid) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(sockets.resolve(pid + ".0")));
            channel.write(ByteBuffer.wrap("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(15);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {}
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node http-app.cjs",
                "sh -c 'node http-app.cjs; true'",
                "npm start",
                "node fork.mjs",
                "node -e \"require('child_process').spawnSync('node', ['http-app.cjs'], {stdio: 'inherit'})\""
            })
    void nobodyReachesAProgramBeforeItIsAdmittedButOverItsPrivateSocket(String command) throws Exception {
        Files.copy(PROGRAMS.resolve("http-app.cjs"), folder.resolve("http-app.cjs"));
        Files.writeString(folder.resolve("package.json"), "{\"scripts\": {\"start\": \"node http-app.cjs\"}}");
        Files.writeString(folder.resolve("fork.mjs"), "import { fork } from 'child_process'; fork('http-app.cjs');");
        Holder holder = new Holder("127.0.0.1", "asked");
        holder.start(command);
        int pid = listening();
        assertThat(privately(pid)).isEqualTo("HTTP/1.1 200 OK");
        assertThat(ask(pid, "state").flag("accepting")).isFalse();
        try (Socket client = new Socket("127.0.0.1", holder.port)) {
            OutputStream out = client.getOutputStream();
            out.write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            client.setSoTimeout(200);
            InputStream in = client.getInputStream();
            assertThat(answered(in)).isEmpty();
            assertThat(ask(pid, "accept").flag("accepting")).isTrue();
            client.setSoTimeout(10_000);
            assertThat(answered(in)).hasValue("HTTP/1.1 200 OK");
        }
        assertThat(privately(pid)).as("it can be probed still").isEqualTo("HTTP/1.1 200 OK");
        assertThat(Files.readString(Path.of("/proc/" + pid + "/cmdline"))).contains("http-app.cjs");
    }

    private static Optional<String> answered(InputStream in) throws IOException {
        try {
            return Optional.of(new String(in.readNBytes(15), StandardCharsets.US_ASCII));
        } catch (SocketTimeoutException nobody) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http-app.cjs", "own-handler-app.cjs", "pm2-app.cjs"})
    void noRequestIsLostWhenProcessesAreReplaced(String program) throws Exception {
        Holder holder = new Holder("127.0.0.1", "asked");
        String command = "node " + PROGRAMS.resolve(program);
        int old = holder.start(command);
        awaitListening(old);
        ask(old, "accept");
        Process clients = clients(holder.port);
        for (int i = 0; i < 2; i++) {
            int fresh = holder.start(command);
            awaitListening(fresh);
            assertThat(ask(fresh, "accept").flag("accepting")).isTrue();
            terminate(old);
            assertThat(holder.ended(old)).isEqualTo(program.equals("http-app.cjs") ? 0 : 7 << 8);
            old = fresh;
        }
        // And a time without any process: connections wait.
        terminate(old);
        holder.ended(old);
        int last = holder.start(command);
        awaitListening(last);
        ask(last, "accept");
        Doc found = stop(clients);
        assertThat(found.number("lost", -1) + found.number("refused", -1) + found.number("not_accepted", -1))
                .as("%s", found)
                .isZero();
        assertThat(found.number("answered", 0)).isGreaterThan(100);
        assertThat(found.number("told_to_close", 0)).isPositive();
    }

    @Test
    void whoIsKilledLosesItsOwnRequestsAndNoOthers() throws Exception {
        Holder holder = new Holder("127.0.0.1", "");
        String command = "node " + PROGRAMS.resolve("http-app.cjs");
        int one = holder.start(command);
        awaitListening(one);
        awaitListening(holder.start(command));
        Process clients = clients(holder.port);
        new ProcessBuilder("kill", "-KILL", Integer.toString(one)).start().waitFor();
        assertThat(holder.ended(one)).isEqualTo(9);
        awaitListening(holder.start(command));
        Doc found = stop(clients);
        assertThat(found.number("refused", -1)).as("%s", found).isZero();
        assertThat(found.number("lost", -1) + found.number("not_accepted", -1))
                .as("%s: one a client at most", found)
                .isBetween(0L, 12L);
    }

    @Test
    void whatPm2PromisesIsKept() throws Exception {
        Holder holder = new Holder("127.0.0.1", "");
        int pid = holder.start("node " + PROGRAMS.resolve("pm2-app.cjs"));
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(sockets.resolve(pid + ".ready")));
        assertThat(ask(pid, "state").flag("ready")).isTrue();
        terminate(pid);
        assertThat(holder.ended(pid)).isEqualTo(7 << 8);
        assertThat(printed).hasContent("told to shut down");
        assertThat(sockets.resolve(pid + ".ready")).doesNotExist();
    }

    @Test
    void whoAsksForLessThanTheSocketGivesIsToldWhatToWrite() throws Exception {
        Holder holder = new Holder("0.0.0.0", "");
        int pid = holder.start(
                "node -e \"require('http').createServer().listen({port: process.env.PORT, host: 'localhost'})\"");
        assertThat(holder.ended(pid)).isEqualTo(1 << 8);
        assertThat(Files.readString(printed))
                .contains("EADDRNOTAVAIL")
                .contains("listen: \"127.0.0.1:" + holder.port + "\"");
    }

    @Test
    void otherAddressesPassThroughAndAreTold() throws Exception {
        Holder holder = new Holder("127.0.0.1", "asked");
        int pid = holder.start("node -e \"require('net').createServer().listen(0, '127.0.0.1', function () {"
                + " console.log(this.address().port, process.env.LISTEN_FDS) })\"");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(printed).endsWith("\n"));
        assertThat(Files.readString(printed)).matches("\\d+ 1\n").doesNotStartWith(holder.port + " ");
        Doc state = ask(pid, "state");
        assertThat(state.docs("other").getFirst().text("host")).isEqualTo("127.0.0.1");
        assertThat(state.members().get("listening")).isEqualTo(List.of());
    }

    @Test
    void theWorkersOfAClusterAreServedThroughTheirPrimaryAlsoAfterAllHaveDied() throws Exception {
        Holder holder = new Holder("127.0.0.1", "");
        int pid = holder.start("node " + PROGRAMS.resolve("cluster-app.cjs"));
        Optional<String> first = body(holder.port, 60_000);
        assertThat(first).isPresent();
        new ProcessBuilder("pkill", "-KILL", "-P", Integer.toString(pid))
                .start()
                .waitFor();
        // What the primary sends to a worker before it knows of its death is gone, as in every cluster.
        await("a new worker answers").atMost(Duration.ofSeconds(60)).until(() -> {
            Optional<String> next = body(holder.port, 2_000);
            return next.isPresent() && !next.equals(first);
        });
    }

    private static Optional<String> body(int port, int millis) throws IOException {
        try (Socket client = new Socket("127.0.0.1", port)) {
            client.setSoTimeout(millis);
            client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return Optional.of(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        } catch (SocketTimeoutException nobody) {
            return Optional.empty();
        }
    }

    private static void terminate(int pid) {
        ProcessHandle.of(pid).orElseThrow().destroy();
    }

    private Process clients(int port) throws IOException {
        Process clients = new ProcessBuilder(
                        "node", PROGRAMS.resolve("clients.cjs").toString(), Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        started.add(clients);
        assertThat(clients.inputReader().readLine()).isEqualTo("answered");
        return clients;
    }

    private static Doc stop(Process clients) throws Exception {
        clients.getOutputStream().close();
        return Doc.of(Json.read(clients.inputReader().readLine().getBytes(StandardCharsets.UTF_8)));
    }
}
