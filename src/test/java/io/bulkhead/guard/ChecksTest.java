package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private interface Look {
        List<Finding> at(Check check, Subject subject) throws IOException, InterruptedException;
    }

    private record Made(String name, Look how) implements Check {
        @Override
        public List<Finding> look(Subject subject) throws IOException, InterruptedException {
            return how.at(this, subject);
        }
    }

    @Test
    void whatTheyFindComesByAppAndInTheOrderOfTheChecks() throws Exception {
        List<Check> checks = List.of(
                new Made("first", (check, subject) -> List.of(subject.note(check, "1", ""))),
                new Made("none", (check, subject) -> List.of()),
                new Made("last", (check, subject) -> List.of(subject.error(check, "2", "mend", "seen"))));
        List<Subject> subjects =
                List.of(Subjects.of(folder, "a", "command: 'true'"), Subjects.of(folder, "b", "command: 'true'"));
        assertThat(Checks.look(checks, subjects, LONG, (done, of) -> {}))
                .extracting(finding -> finding.app() + " " + finding.check())
                .containsExactly("a first", "a last", "b first", "b last");
    }

    @Test
    void theyRunSideBySide() throws Exception {
        CyclicBarrier all = new CyclicBarrier(4);
        List<Check> checks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            checks.add(new Made("c" + i, (check, subject) -> {
                try {
                    all.await(20, TimeUnit.SECONDS);
                    return List.of();
                } catch (Exception alone) {
                    throw new IOException(alone);
                }
            }));
        }
        List<Integer> progress = Collections.synchronizedList(new ArrayList<>());
        assertThat(Checks.look(checks, List.of(Subjects.of(folder, "a", "command: 'true'")), LONG, (done, of) -> {
                    progress.add(done);
                    assertThat(of).isEqualTo(4);
                }))
                .isEmpty();
        assertThat(progress).containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @Test
    void oneThatFailsOrIsLateIsAWarningAndNoMore() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        List<Check> checks = List.of(
                new Made("late", (check, subject) -> {
                    never.await();
                    return List.of();
                }),
                new Made("blind", (check, subject) -> {
                    throw new IOException("the disk says no");
                }),
                new Made("bug", (check, subject) -> {
                    throw new StackOverflowError();
                }),
                new Made("well", (check, subject) -> List.of(subject.error(check, "found", ""))));
        List<Finding> found = Checks.look(
                checks, List.of(Subjects.of(folder, "a", "command: 'true'")), Duration.ofMillis(500), (done, of) -> {});

        assertThat(found).extracting(Finding::check).containsExactly("late", "blind", "bug", "well");
        assertThat(found.subList(0, 3)).noneMatch(Finding::isError);
        assertThat(found.get(0).message()).contains("did not end within");
        assertThat(found.get(1).message()).contains("the disk says no");
        assertThat(found.get(2).message()).contains("StackOverflowError");
        assertThat(found.get(3).isError()).isTrue();
    }

    @Test
    void noTwoChecksHaveOneName() {
        assertThat(new HashSet<>(Checks.names())).hasSameSizeAs(Checks.all());
    }
}
