package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who makes room when the host runs out of memory, and who comes back when. */
class SheddingTest {

    private static final long MIB = 1 << 20;

    private final Stage stage = new Stage();

    private Stage shortage(Map<String, Long> uses) {
        return stage.on(new Event.HostShort(40 * MIB, "40 MiB of 1024 MiB are available", uses));
    }

    private Stage shortage() {
        return shortage(Map.of("api", 100 * MIB, "worker", 200 * MIB, "report", 300 * MIB));
    }

    private void easy() {
        stage.on(new Event.HostEasy(500 * MIB));
    }

    private void three() {
        stage.up(
                app("api").priority(200),
                app("worker").priority(100),
                app("report").priority(50));
    }

    /** The one that is asked ends. */
    private void gone(String run) {
        assertThat(stage.asked()).containsExactly(run);
        stage.exit(run, Exit.ofSignal(15));
    }

    @Test
    void theLeastImportantGoesFirstOneAtATimeAndTheLastStays() {
        three();
        String report = stage.run("report");
        String worker = stage.run("worker");
        shortage();
        assertThat(stage.told()).contains(Tale.HOST_SHORT, Tale.SHED);
        assertThat(stage.asked()).containsExactly(report);
        shortage();
        assertThat(stage.asked()).as("one at a time").isEmpty();
        stage.exit(report, Exit.ofSignal(15));
        assertThat(stage.effects)
                .filteredOn(effect -> effect instanceof Effect.OpenIncident)
                .singleElement()
                .satisfies(effect -> assertThat(
                                ((Effect.OpenIncident) effect).report().detail())
                        .contains("shed before the kernel would have killed"));
        assertThat(stage.view("report").state()).isEqualTo(InstanceState.BLOCKED);
        assertThat(stage.view("report").reason()).contains("40 MiB of 1024 MiB are available");
        shortage();
        assertThat(stage.asked()).as("the figures are not believed yet").isEmpty();
        stage.pass(ShedPolicy.STEP_MILLIS);
        shortage();
        gone(worker);
        stage.pass(60_000);
        shortage();
        assertThat(stage.asked()).as("the last of the most important").isEmpty();
        assertThat(stage.state("api")).isEqualTo(InstanceState.READY);
    }

    @Test
    void amongEqualsTheBiggestGoes() {
        stage.up(app("a"), app("b"), app("c"));
        String b = stage.run("b");
        shortage(Map.of("a", 10 * MIB, "b", 300 * MIB, "c", 20 * MIB));
        gone(b);
    }

    @Test
    void whatAMoreImportantAppNeedsIsAsImportant() {
        stage.up(
                app("db").priority(1),
                app("api").priority(200).needs("db"),
                app("worker").priority(100));
        String worker = stage.run("worker");
        shortage();
        gone(worker);
    }

    @Test
    void theyComeBackTheMostImportantFirstWhenTheHostHasBeenWellForAWhile() {
        three();
        String report = stage.run("report");
        String worker = stage.run("worker");
        shortage();
        gone(report);
        stage.pass(ShedPolicy.STEP_MILLIS);
        shortage();
        gone(worker);
        stage.pass(3_600_000);
        assertThat(stage.starts()).as("it is still short").isEmpty();
        easy();
        stage.pass(ShedPolicy.HOLD_MILLIS - 1);
        assertThat(stage.starts()).isEmpty();
        stage.pass(1);
        assertThat(stage.starts()).containsExactly("worker/0");
        stage.spawn();
        stage.pass(ShedPolicy.STEP_MILLIS);
        assertThat(stage.starts()).containsExactly("report/0");
    }

    @Test
    void aShortageInBetweenBeginsTheWaitAnew() {
        three();
        String report = stage.run("report");
        shortage();
        gone(report);
        easy();
        stage.pass(ShedPolicy.HOLD_MILLIS - 1);
        String worker = stage.run("worker");
        shortage();
        gone(worker);
        easy();
        stage.pass(ShedPolicy.HOLD_MILLIS - 1);
        assertThat(stage.starts()).isEmpty();
        stage.pass(1);
        assertThat(stage.starts()).containsExactly("worker/0");
    }

    @Test
    void whoMakesTheHostShortAgainWaitsLonger() {
        stage.up(app("api").priority(200), app("hog"));
        for (int times = 1; times <= 3; times++) {
            String hog = stage.run("hog");
            shortage();
            gone(hog);
            easy();
            stage.pass(ShedPolicy.holdMillis(times) - 1);
            assertThat(stage.starts()).isEmpty();
            stage.pass(1);
            assertThat(stage.starts()).containsExactly("hog/0");
            stage.spawn().pass(1000);
            stage.pass(10_000);
        }
        assertThat(ShedPolicy.holdMillis(100)).isEqualTo(ShedPolicy.LONGEST_HOLD_MILLIS);
    }

    @Test
    void aPersonsStartHoldsAgainstTheShortage() {
        three();
        String report = stage.run("report");
        shortage();
        gone(report);
        stage.start("report");
        assertThat(stage.starts()).containsExactly("report/0");
        stage.spawn().pass(10_000);
        String worker = stage.run("worker");
        shortage();
        gone(worker);
    }

    @Test
    void whatAPersonStopsMeanwhileStaysStopped() {
        three();
        String report = stage.run("report");
        shortage();
        gone(report);
        stage.stop("report");
        easy();
        stage.pass(3_600_000);
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.state("report")).isEqualTo(InstanceState.STOPPED);
    }

    @Test
    void aRestartOfAllLeavesWhatWasShedAlone() {
        three();
        String report = stage.run("report");
        shortage();
        gone(report);
        stage.restart("all");
        assertThat(stage.starts()).doesNotContain("report/0");
    }
}
