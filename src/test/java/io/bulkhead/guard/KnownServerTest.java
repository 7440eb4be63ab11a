package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.guard.KnownServer.Likeness;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownServerTest {

    private static final long DAY = 86_400_000;

    private static ServerView view(String identity, String run, long started) {
        return new ServerView("db", "", "", "Redis 7", identity, run, started, 0, 0, 0, List.of(), List.of());
    }

    private static Likeness compare(ServerView before, long seen, ServerView now) {
        return KnownServer.read(KnownServer.write(before, seen)).orElseThrow().compare(now);
    }

    @Test
    void theSameServerIsTheSame() {
        assertThat(compare(view("a", "r1", DAY), 2 * DAY, view("a", "r1", DAY + 900)))
                .isEqualTo(Likeness.SAME);
    }

    @Test
    void anotherIdentityIsAnotherServer() {
        ServerView now = view("b", "", DAY);
        assertThat(compare(view("a", "", DAY), 2 * DAY, now)).isEqualTo(Likeness.OTHER);
        assertThat(KnownServer.of(view("a", "", DAY), 2 * DAY).difference(now))
                .isEqualTo(
                        "db is another database than the one seen last (1970-01-03T00:00:00Z): it is Redis 7 with b, that was Redis 7 with a");
    }

    @Test
    void aRestartIsARestart() {
        assertThat(compare(view("a", "r1", DAY), 2 * DAY, view("a", "r2", 3 * DAY)))
                .isEqualTo(Likeness.RESTARTED);
        assertThat(compare(view("a", "", DAY), 2 * DAY, view("a", "", 3 * DAY))).isEqualTo(Likeness.RESTARTED);
    }

    /** Two instances of Redis with the same configuration, one of them behind a tunnel. */
    @Test
    void oneThatHasRunBesideTheOtherIsAnother() {
        assertThat(compare(view("a", "r1", DAY), 3 * DAY, view("a", "r2", 2 * DAY)))
                .isEqualTo(Likeness.OTHER);
    }

    @Test
    void whatIsNotToldIsNotCompared() {
        assertThat(compare(view("", "", DAY), 2 * DAY, view("b", "", DAY))).isEqualTo(Likeness.SAME);
        assertThat(KnownServer.read("{")).isEmpty();
    }
}
