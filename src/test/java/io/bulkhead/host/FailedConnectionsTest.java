package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.host.FailedConnections.Target;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailedConnectionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "Error: connect ECONNREFUSED 127.0.0.1:5432|127.0.0.1|5432",
                "    Error: connect ECONNREFUSED ::1:5432|::1|5432",
                "[ioredis] Unhandled error event: Error: connect ECONNREFUSED 127.0.0.1:6379|127.0.0.1|6379",
                "Error: connect ECONNREFUSED /run/api.sock|/run/api.sock|0",
                "{\"msg\":\"connect ETIMEDOUT 10.0.0.7:3306\",\"level\":50}|10.0.0.7|3306",
                "connect ECONNREFUSED db.internal:5432|db.internal|5432",
                "connection to server at \"127.0.0.1\", port 5432 failed: Connection refused|127.0.0.1|5432",
                "dial tcp 127.0.0.1:5432: connect: connection refused|127.0.0.1|5432",
                "dial tcp [::1]:5432: connect: connection refused|::1|5432",
                "Error 111 connecting to localhost:6379. Connection refused.|localhost|6379",
                "PHP Warning: stream_socket_client(): Unable to connect to tcp://127.0.0.1:9000 (Connection refused)|127.0.0.1|9000"
            })
    void theAddressIsFound(String line, String host, int port) {
        List<FailedConnections> found = FailedConnections.in(List.of(line));
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().target()).isEqualTo(new Target(host, port));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /orders 200 in 12:30",
                "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)",
                "  code: 'ECONNREFUSED',",
                "SQLSTATE[HY000] [2002] Connection refused",
                "request timed out after 5000 ms",
                "connect ECONNREFUSED 127.0.0.1:99999"
            })
    void whatNamesNoneIsNone(String line) {
        assertThat(FailedConnections.in(List.of(line))).isEmpty();
    }

    @Test
    void bothFamiliesOfOnePortAreOneAndTheMostFrequentComesFirst() {
        List<FailedConnections> found = FailedConnections.in(List.of(
                "connect ECONNREFUSED 127.0.0.1:1",
                "connect ECONNREFUSED ::1:5432",
                "connect ECONNREFUSED 127.0.0.1:5432",
                "connect ETIMEDOUT 10.0.0.7:3306"));
        assertThat(found).extracting(FailedConnections::count).containsExactly(2, 1, 1);
        assertThat(found.getFirst().target().port()).isEqualTo(5432);
        assertThat(found.getLast().timedOut()).isTrue();
    }
}
