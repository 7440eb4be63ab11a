package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.AppSpec.Restart.Policy;
import org.junit.jupiter.api.Test;

/** Programs that end by themselves, crash loops that give up, and schedules. */
class OneShotTest {

    private static final long MINUTE = 60_000;

    private final Stage stage = new Stage();

    @Test
    void aOneShotThatEndsWellIsCompleted() {
        Ticket ticket = stage.apply(app("job").restart(Policy.ON_FAILURE).success(0, 3));
        stage.spawn().exit(stage.run("job"), Exit.ofCode(3));
        assertThat(stage.state("job")).isEqualTo(InstanceState.COMPLETED);
        assertThat(stage.outcome(ticket).message()).isEqualTo("job: completed");
        assertThat(stage.supervisor.app("job").orElseThrow().state()).isEqualTo(AppState.COMPLETED);
    }

    @Test
    void onFailureTriesAgainNeverDoesNot() {
        stage.apply(app("job").restart(Policy.ON_FAILURE), app("once").restart(Policy.NEVER));
        stage.spawn().crash("job");
        assertThat(stage.state("job")).isEqualTo(InstanceState.BACKOFF);
        stage.crash("once");
        assertThat(stage.state("once")).isEqualTo(InstanceState.CRASHED);
        assertThat(stage.view("once").reason()).isEqualTo("exited with code 1; not tried again: bulkhead start once");
    }

    @Test
    void tenFailuresInARowAreAlertedOnceAndTriedAgainEveryFiveMinutes() {
        stage.apply(app("web"));
        int alerts = 0;
        for (int i = 0; i < 12; i++) {
            stage.spawn().crash("web");
            alerts += stage.told().contains(Tale.CRASHED) ? 1 : 0;
            assertThat(stage.state("web")).isEqualTo(i < 9 ? InstanceState.BACKOFF : InstanceState.CRASHED);
            stage.pass(5 * MINUTE);
            assertThat(stage.starts()).containsExactly("web/0");
        }
        assertThat(alerts).isEqualTo(1);
        assertThat(stage.spawn().pass(MINUTE).told()).contains(Tale.RECOVERED);
    }

    @Test
    void resetTriesAgainAtOnce() {
        stage.apply(app("web"));
        stage.spawn().crash("web").on(new Event.ResetWish(Stage.target("web")));
        assertThat(stage.starts()).containsExactly("web/0");
        assertThat(stage.view("web").restarts()).isOne();
    }

    @Test
    void maxAttemptsStaysDownUntilSomebodyStartsIt() {
        stage.apply(app("web").backoff(100, 1000, 60_000, 1));
        stage.spawn().crash("web").pass(110).spawn().crash("web");
        assertThat(stage.told()).contains(Tale.CRASHED);
        assertThat(stage.pass(60 * MINUTE).starts()).isEmpty();
        stage.start("web");
        assertThat(stage.starts()).containsExactly("web/0");
    }

    @Test
    void aRefusedStartIsBlockedWithItsReasonAndTriedAgain() {
        Ticket ticket = stage.apply(app("web"));
        stage.refuse(stage.started().getFirst(), "user www-dta does not exist");
        assertThat(stage.state("web")).isEqualTo(InstanceState.BLOCKED);
        assertThat(stage.view("web").reason()).isEqualTo("user www-dta does not exist");
        assertThat(stage.outcome(ticket).exitCode()).isEqualTo(5);
        assertThat(stage.pass(110).starts()).containsExactly("web/0");
        stage.spawn().pass(1000);
        assertThat(stage.state("web")).isEqualTo(InstanceState.READY);
    }

    @Test
    void anIncidentSaysWhatHappenedAndWhatFollows() {
        stage.up(app("web"));
        stage.crash("web");
        assertThat(stage.effects.stream().filter(e -> e instanceof Effect.OpenIncident))
                .singleElement()
                .satisfies(
                        e -> assertThat(((Effect.OpenIncident) e).consequence()).isEqualTo("restarted at once"));
    }

    @Test
    void aScheduledOneShotStartsAtItsTimeOnly() {
        stage.apply(app("report").restart(Policy.NEVER).startAt("*/10 * * * *", false));
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.state("report")).isEqualTo(InstanceState.STOPPED);
        assertThat(stage.view("report").reason())
                .matches("waits for its schedule, due \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d0 .+");
        stage.pass(10 * MINUTE);
        assertThat(stage.starts()).containsExactly("report/0");
        stage.spawn().exit(stage.run("report"), Exit.ofCode(0));
        assertThat(stage.pass(10 * MINUTE).starts()).containsExactly("report/0");
    }

    @Test
    void anOverlapIsSkippedOrQueued() {
        stage.apply(
                app("skips").restart(Policy.NEVER).startAt("* * * * *", false),
                app("queues").restart(Policy.NEVER).startAt("* * * * *", true));
        stage.pass(MINUTE).spawn().pass(3 * MINUTE);
        stage.exit(stage.run("skips"), Exit.ofCode(0));
        assertThat(stage.starts()).isEmpty();
        stage.exit(stage.run("queues"), Exit.ofCode(0));
        assertThat(stage.starts()).as("once, however often it was due").containsExactly("queues/0");
    }

    @Test
    void aClockSetBackBringsNoTimeTwice() {
        stage.apply(app("report").restart(Policy.NEVER).startAt("*/10 * * * *", false));
        stage.pass(10 * MINUTE).spawn().exit(stage.run("report"), Exit.ofCode(0));
        stage.wallOffset -= 15 * MINUTE;
        assertThat(stage.pass(14 * MINUTE).starts()).isEmpty();
        assertThat(stage.pass(11 * MINUTE).starts()).containsExactly("report/0");
    }

    @Test
    void aClockSetForwardBringsWhatWasMissedOnce() {
        stage.apply(app("report").restart(Policy.NEVER).startAt("*/10 * * * *", false));
        stage.wallOffset += 24 * 60 * MINUTE;
        assertThat(stage.pass(MINUTE).starts()).containsExactly("report/0");
        stage.spawn().exit(stage.run("report"), Exit.ofCode(0));
        assertThat(stage.pass(MINUTE).starts()).isEmpty();
    }

    @Test
    void aScheduledRestartReplacesWhatRuns() {
        stage.up(app("web").restartAt("0 * * * *"));
        String run = stage.run("web");
        stage.pass(60 * MINUTE);
        assertThat(stage.asked()).containsExactly(run);
        stage.exit(run, Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("web/0");
    }
}
