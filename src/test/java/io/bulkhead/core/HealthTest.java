package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Outcome.State;
import io.bulkhead.spec.Ready;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Readiness by word and by health, and what becomes of a run that is not well. */
class HealthTest {

    private final Stage stage = new Stage();

    private String up(Apps app) {
        stage.apply(app);
        String run = stage.started().getFirst();
        stage.spawn().well(run);
        stage.pass(60_000);
        return run;
    }

    @Test
    void readyByHealthServesOnlyWhenItIsWell() {
        stage.apply(app("web").listen(3000).health(3, 3, 0, 60_000));
        assertThat(stage.all(Effect.StartRun.class).getFirst().gated()).isTrue();
        String run = stage.started().getFirst();
        stage.spawn().unwell(run).pass(10_000);
        assertThat(stage.state("web")).isEqualTo(InstanceState.STARTING);
        assertThat(stage.view("web").reason()).isEqualTo("waits for its first check that is well (last: GET /: 500)");
        assertThat(stage.well(run).admitted()).containsExactly(run);
        assertThat(stage.state("web")).isEqualTo(InstanceState.READY);
    }

    @Test
    void readyByItsWord() {
        Ticket ticket = stage.apply(app("web").ready(new Ready.Notified()));
        String run = stage.started().getFirst();
        stage.spawn().pass(59_999);
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.PENDING);
        stage.pass(1);
        assertThat(stage.told()).containsExactly(Tale.NOT_READY);
        assertThat(stage.outcome(ticket).message())
                .isEqualTo("web: was not ready within 1m: it waits for READY=1 of it (sd_notify)");
        stage.on(new Event.RunReady(run));
        assertThat(stage.state("web")).isEqualTo(InstanceState.READY);
    }

    @Test
    void anUnhealthyRunIsReplacedWhenItsStateHasBeenRecorded() {
        String run = up(app("web").health(2, 2, 0, 60_000));
        stage.unwell(run);
        assertThat(stage.all(Effect.RecordUnhealthy.class)).isEmpty();
        stage.unwell(run);
        assertThat(stage.told()).contains(Tale.UNHEALTHY);
        assertThat(stage.all(Effect.RecordUnhealthy.class)).hasSize(1);
        assertThat(stage.asked()).isEmpty();
        stage.on(new Event.UnhealthyRecorded(run));
        assertThat(stage.asked()).containsExactly(run);
        stage.exit(run, Exit.ofSignal(9));
        assertThat(stage.view("web").lastExit().orElseThrow().report().cause()).isEqualTo(ExitCause.UNHEALTHY);
        assertThat(stage.all(Effect.OpenIncident.class)).hasSize(1);
        assertThat(stage.all(Effect.StartRun.class).getFirst().cause()).isEqualTo(Cause.UNHEALTHY);
    }

    @Test
    void failuresNeedNotBeInARow() {
        String run = up(app("web").health(2, 3, 0, 60_000));
        stage.unwell(run).well(run).unwell(run);
        assertThat(stage.told()).contains(Tale.UNHEALTHY);
    }

    @Test
    void failuresWithinTheStartPeriodDoNotCount() {
        stage.apply(app("web").health(1, 1, 30_000, 60_000));
        String run = stage.started().getFirst();
        stage.spawn().well(run).pass(29_999).unwell(run);
        assertThat(stage.told()).doesNotContain(Tale.UNHEALTHY);
        assertThat(stage.pass(1).unwell(run).told()).contains(Tale.UNHEALTHY);
    }

    @Test
    void oneInstanceAtATime() {
        stage.apply(app("web").instances(2).startFirst().health(1, 1, 0, 60_000));
        String first = stage.started().getFirst();
        String second = stage.started().getLast();
        stage.spawn().well(first).well(second).pass(60_000);
        stage.unwell(first).unwell(second);
        stage.on(new Event.UnhealthyRecorded(first)).on(new Event.UnhealthyRecorded(second));
        assertThat(stage.state("web/0")).isEqualTo(InstanceState.READY);
        assertThat(stage.view("web/0").otherRuns()).hasSize(1);
        assertThat(stage.view("web/1").otherRuns()).isEmpty();
    }

    @Test
    void nothingIsReplacedWhileAnExternalIsAway() {
        String run = up(app("web").needs("postgres").health(1, 1, 0, 60_000));
        stage.on(new Event.ExternalsAway(Map.of("postgres", "connection refused")));
        stage.unwell(run).pass(600_000);
        assertThat(stage.all(Effect.RecordUnhealthy.class)).isEmpty();
        stage.on(new Event.ExternalsAway(Map.of()));
        assertThat(stage.all(Effect.RecordUnhealthy.class)).hasSize(1);
    }

    @Test
    void whoIsWellAgainInTimeIsLeftAlone() {
        String run = up(app("web").needs("postgres").health(1, 1, 0, 60_000));
        stage.on(new Event.ExternalsAway(Map.of("postgres", "connection refused")));
        stage.unwell(run);
        assertThat(stage.well(run).told()).contains(Tale.WELL);
        stage.on(new Event.ExternalsAway(Map.of()));
        assertThat(stage.all(Effect.RecordUnhealthy.class)).isEmpty();
        assertThat(stage.view("web").reason()).isEmpty();
    }

    @Test
    void reportOnlyReports() {
        String run = up(app("web").health(1, 1, 0, 60_000).reportsUnhealthy());
        stage.unwell(run);
        assertThat(stage.told()).contains(Tale.UNHEALTHY);
        assertThat(stage.pass(600_000).all(Effect.RecordUnhealthy.class)).isEmpty();
        assertThat(stage.view("web").reason()).isEqualTo("unhealthy: GET /: 500");
    }

    @Test
    void replacingIsPacedLikeCrashes() {
        String run = up(app("web").health(1, 1, 0, 60_000).backoff(1000, 30_000, 600_000, 0));
        stage.unwell(run).on(new Event.UnhealthyRecorded(run)).exit(run, Exit.ofCode(0));
        String next = stage.started().getFirst();
        stage.spawn().well(next).unwell(next);
        assertThat(stage.all(Effect.RecordUnhealthy.class))
                .as("the second pauses")
                .isEmpty();
        assertThat(stage.pass(1100).all(Effect.RecordUnhealthy.class)).hasSize(1);
    }
}
