package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.guard.ServerView.Session;
import io.bulkhead.linux.ServiceSocket;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who holds what, joined from both views, and whether what is planned fits. */
class ConnectionSumTest {

    @TempDir
    Path folder;

    private static Session session(long id, String address, int port) {
        return new Session(id, "shop", "shop", "", address, port, "idle", 3, -1, false);
    }

    private static ServiceSocket socket(String address, int port, int client, int server) {
        return new ServiceSocket(0, address, port, TcpSocket.ESTABLISHED, 5, 0, List.of(client), List.of(server));
    }

    private static ServerView view(int max, int reserved, Session... sessions) {
        return new ServerView(
                "postgres",
                "",
                "",
                "PostgreSQL 15",
                "x",
                "",
                0,
                max,
                reserved,
                sessions.length,
                List.of(sessions),
                List.of());
    }

    private Spec spec(String apps) {
        return Subjects.in(
                        folder,
                        "externals: {postgres: {address: 5432, max_connections: 20}}\napps:\n" + apps,
                        "api",
                        Optional.empty())
                .spec();
    }

    @Test
    void theSumIsWrittenOut() {
        Spec spec = spec("  api: {command: x, listen: 3000, connections: {postgres: 10}}\n"
                + "  worker: {command: x, connections: {postgres: 10}}\n");
        External postgres = spec.externals().get("postgres");
        ServerView view = view(20, 3, session(1, "10.0.0.9", 4000), session(2, "127.0.0.1", 5000));
        List<Holding> holdings =
                Holding.join(List.of(postgres), List.of(socket("127.0.0.1", 5000, 71, 0)), Map.of("postgres", view));

        ConnectionSum sum = ConnectionSum.of(
                postgres,
                Optional.of(view),
                holdings,
                spec.apps().values(),
                app -> app.replace() == Replace.START_FIRST,
                pid -> pid == 71 ? Optional.of("api") : Optional.empty());

        assertThat(sum.text())
                .isEqualTo("api 10 × 2 during the replacement + worker 10 = 30 connections,"
                        + " and postgres has 16 for them: 20 − 3 reserved − 1 used by others");
        assertThat(sum.enough()).isFalse();
        assertThat(sum.used()).isEqualTo(2);
    }

    @Test
    void withoutTheServerTheKernelCounts() {
        Spec spec = spec("  api: {command: x, connections: {postgres: 19}}\n");
        External postgres = spec.externals().get("postgres");
        List<Holding> holdings = Holding.join(
                List.of(postgres),
                List.of(socket("127.0.0.1", 5000, 71, 0), socket("127.0.0.1", 5001, 99, 0)),
                Map.of());

        ConnectionSum sum = ConnectionSum.of(
                postgres,
                Optional.empty(),
                holdings,
                spec.apps().values(),
                app -> false,
                pid -> pid == 71 ? Optional.of("api") : Optional.empty());

        assertThat(sum.text()).isEqualTo("api 19 connections, and postgres has 19 for them: 20 − 1 used by others");
        assertThat(sum.enough()).isTrue();
    }

    @Test
    void unixSocketsAreJoinedByTheProcessThatServesThem() {
        External postgres = spec("  api: {command: x}\n").externals().get("postgres");
        List<Holding> joined = Holding.join(
                List.of(postgres),
                List.of(socket("", 0, 71, 901), socket("", 0, 72, 902), socket("127.0.0.1", 5000, 73, 903)),
                Map.of(
                        "postgres",
                        view(20, 3, session(902, "", 0), session(901, "", 0), session(903, "127.0.0.1", 5000))));

        assertThat(joined)
                .hasSize(3)
                .allSatisfy(one -> assertThat(one.session().orElseThrow().id())
                        .isEqualTo((long) one.socket().orElseThrow().servers().getFirst()));
    }

    /** MySQL calls every client of its unix socket localhost. */
    @Test
    void whatTheServerNamesByNothingIsNotCountedTwice() {
        External postgres = spec("  api: {command: x}\n").externals().get("postgres");
        List<Holding> joined = Holding.join(
                List.of(postgres),
                List.of(socket("", 0, 71, 1), socket("", 0, 72, 1)),
                Map.of("postgres", view(20, 0, session(11, "", 0), session(12, "", 0), session(13, "10.0.0.9", 7))));

        assertThat(joined).hasSize(3);
        assertThat(joined.getLast().socket()).isEmpty();
    }
}
