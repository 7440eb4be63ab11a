package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.ServiceSocket;
import io.bulkhead.linux.TcpSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectionRecordTest {

    private final ConnectionRecord record = new ConnectionRecord(new InstanceId("api", 0));
    private final ConnectionsDocument.Leak idle =
            new ConnectionsDocument.Leak("r", "postgres", 71, 1, 14, "idle for long", false);

    private static ServiceSocket socket(int port, int state, long quiet) {
        return new ServiceSocket(0, "127.0.0.1", port, state, quiet, 0, List.of(71), List.of());
    }

    private static ServiceSocket open(int port, long quiet) {
        return socket(port, TcpSocket.ESTABLISHED, quiet);
    }

    private static ServiceSocket left(int port) {
        return socket(port, ServiceSocket.CLOSE_WAIT, 9_000);
    }

    @Test
    void oneThatStaysWhileThePoolClosesOthersIsALeak() {
        record.seen(List.of(open(1, 8_000), open(2, 8_000)));
        assertThat(record.suspicious()).isFalse();
        record.seen(List.of(open(1, 18_000)));

        assertThat(record.suspicious()).isTrue();
        assertThat(record.leaks(Optional.of(idle)))
                .hasValue("1 connection to postgres of pid 71, for up to 14 s: idle for long");
        assertThat(record.leaks(Optional.of(idle))).as("told once").isEmpty();
    }

    /** A pool with idleTimeoutMillis 0, or one of Prisma: nothing is closed, and all is used again. */
    @Test
    void aPoolThatKeepsWhatIsIdleIsNoLeak() {
        record.seen(List.of(open(1, 30_000), open(2, 30_000)));
        assertThat(record.leaks(Optional.of(idle))).isEmpty();
        record.seen(List.of(open(1, 500), open(2, 40_000)));
        record.seen(List.of(open(2, 50_000)));

        assertThat(record.suspicious()).isFalse();
        assertThat(record.leaks(Optional.of(idle))).isEmpty();
    }

    @Test
    void anOpenTransactionIsOneWhateverThePoolDoes() {
        record.seen(List.of(open(1, 30_000)));
        ConnectionsDocument.Leak transaction =
                new ConnectionsDocument.Leak("r", "postgres", 71, 1, 14, "in a transaction", true);
        assertThat(record.leaks(Optional.of(transaction))).isPresent();
    }

    @Test
    void whatIsLeftOpenForTwoLooksIsToldOnce() {
        record.seen(List.of(left(1), open(2, 10)));
        assertThat(record.leftOpen()).isEmpty();
        record.seen(List.of(left(1), left(3)));
        assertThat(record.leftOpen())
                .hasValueSatisfying(words -> assertThat(words).startsWith("1 connection that"));
        record.seen(List.of(left(1), left(3)));
        assertThat(record.leftOpen()).isEmpty();
    }

    @Test
    void moreThanItMayHoldIsToldOnceUntilItIsLess() {
        record.seen(List.of(open(1, 1), open(2, 1)));
        assertThat(record.over(3, 2, "postgres"))
                .hasValue("api holds 3 connections to postgres, and may hold 2 (`connections`)");
        assertThat(record.over(3, 2, "postgres")).isEmpty();
        assertThat(record.over(2, 2, "postgres")).isEmpty();
        assertThat(record.over(3, 2, "postgres")).isPresent();
    }
}
