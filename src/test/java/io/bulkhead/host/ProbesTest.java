package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.linux.Sight;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Probe;
import io.bulkhead.spec.SpecReader;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a run is asked. This process plays the run, the daemon, or both. */
class ProbesTest {

    private static final int SELF = (int) ProcessHandle.current().pid();
    private static final Probe.Http HEALTH = new Probe.Http("/health", 200, 299);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private static final long LONG = 20_000;

    @TempDir
    Path folder;

    private static AppSpec app(String listen) {
        return SpecReader.restore(
                "api", "{\"command\":[\"node\",\"main.js\"],\"working_dir\":\"/\",\"listen\":" + listen + "}");
    }

    private RunSockets run(String listen, List<Integer> members, String... handed) {
        return new RunSockets(app(listen), members, folder, List.of(handed));
    }

    @Test
    void aPrivateSocketIsAskedInPlaceOfTheSharedOne() throws Exception {
        try (FakeServer shared = FakeServer.onTcp(FakeServer.saying("HTTP/1.1 500 Not me\r\n\r\n"));
                FakeServer own = FakeServer.onFile(folder.resolve("4711.0"), FakeServer.saying(OK))) {
            int port = ((InetSocketAddress) shared.address()).getPort();
            RunSockets run = run("[" + port + "]", List.of(12, 4711), "" + port);
            assertThat(Probes.http(HEALTH, run, false, LONG).well()).isTrue();
            assertThat(own.asked.get()).startsWith("GET /health ");

            Probe.Http url = new Probe.Http("http://localhost:" + port + "/other", 200, 299);
            assertThat(Probes.http(url, run, false, LONG).well()).isTrue();
            assertThat(own.asked.get()).startsWith("GET /other ");

            assertThat(Probes.http(HEALTH, run("[" + port + "]", List.of(12), "" + port), true, LONG)
                            .words())
                    .contains("500");
        }
    }

    /** A socket that Bulkhead holds takes connections for nobody. */
    @Test
    void aSharedSocketIsNotAskedWhileTheRunDoesNotListen() throws Exception {
        try (FakeServer shared = FakeServer.onTcp(FakeServer.saying(OK))) {
            int port = ((InetSocketAddress) shared.address()).getPort();
            RunSockets run = run("[" + port + "]", List.of(1), "" + port);
            assertThat(Probes.http(HEALTH, run, false, LONG))
                    .isEqualTo(ProbeAnswer.ill("GET /health: it does not listen yet"));
            assertThat(shared.asked.get()).isEmpty();
        }
    }

    @Test
    void aProgramThatOpensItsPortItselfIsAskedThere() throws Exception {
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying(OK))) {
            int port = ((InetSocketAddress) server.address()).getPort();
            assertThat(Probes.http(HEALTH, run("[" + port + "]", List.of(SELF)), false, LONG)
                            .well())
                    .isTrue();
        }
        try (FakeServer server = FakeServer.onFile(folder.resolve("api.sock"), FakeServer.saying(OK))) {
            RunSockets run = run("[\"" + folder.resolve("api.sock") + "\"]", List.of(SELF));
            assertThat(Probes.http(HEALTH, run, false, LONG).well()).isTrue();
        }
    }

    @Test
    void aUrlElsewhereIsAskedAsItStands() throws Exception {
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying(OK))) {
            int port = ((InetSocketAddress) server.address()).getPort();
            Probe.Http url = new Probe.Http("http://127.0.0.1:" + port + "/up?deep=1", 200, 299);
            assertThat(Probes.http(url, run("[1]", List.of(1)), false, LONG).well())
                    .isTrue();
            assertThat(server.asked.get()).startsWith("GET /up?deep=1 ");
        }
        assertThat(Probes.http(
                                new Probe.Http("http://name.invalid/health", 200, 299),
                                run("[1]", List.of(1)),
                                false,
                                LONG)
                        .words())
                .isEqualTo("GET /health: the host's name is not known");
    }

    @Test
    void readinessNeedsEveryAddress() throws Exception {
        RunSockets run = run("[1, 2, 3]", List.of(4711), "1", "3");
        Files.createFile(folder.resolve("4711.0"));
        assertThat(run.listens(run.app().listen().getFirst())).isEqualTo(Sight.WAITS);
        assertThat(run.listens()).isEqualTo(Sight.NOT_YET);
        Files.createFile(folder.resolve("4711.1"));
        assertThat(run.listens(run.app().listen().getLast())).isEqualTo(Sight.WAITS);
        assertThat(run.listens()).as("the second is the program's own").isEqualTo(Sight.NOT_YET);
        assertThat(run.saidReady()).isFalse();
        Files.createFile(folder.resolve("4711.ready"));
        assertThat(run.saidReady()).isTrue();
    }

    @Test
    void tcpIsAskedAtV4AndV6() throws Exception {
        try (FakeServer server = FakeServer.onTcp(connection -> {})) {
            int port = ((InetSocketAddress) server.address()).getPort();
            Listen everywhere = new Listen("", port, "", Listen.Handover.NEVER);
            assertThat(Probes.tcp(new Probe.Tcp(everywhere), LONG).well()).isTrue();
        }
    }
}
