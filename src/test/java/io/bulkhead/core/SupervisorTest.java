package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The life of one instance: started, ready, crashed and started again, stopped. */
class SupervisorTest {

    private final Stage stage = new Stage();

    @Test
    void anAppliedAppIsStartedAndReadyAfterItsTime() {
        Ticket ticket = stage.apply(app("web"));
        assertThat(stage.starts()).containsExactly("web/0");
        assertThat(stage.state("web")).isEqualTo(InstanceState.STARTING);
        stage.spawn();
        assertThat(stage.outcome(ticket).state()).isEqualTo(Outcome.State.PENDING);
        stage.pass(999);
        assertThat(stage.state("web")).isEqualTo(InstanceState.STARTING);
        stage.pass(1);
        assertThat(stage.state("web")).isEqualTo(InstanceState.READY);
        assertThat(stage.outcome(ticket).state()).isEqualTo(Outcome.State.DONE);
        assertThat(stage.supervisor.app("web").orElseThrow().state()).isEqualTo(AppState.UP);
    }

    @Test
    void theFirstCrashAfterALifeOfASecondIsAnsweredAtOnce() {
        stage.up(app("web"));
        stage.crash("web");
        assertThat(stage.starts()).containsExactly("web/0");
        assertThat(stage.view("web").restarts()).isEqualTo(1);
        assertThat(stage.view("web").lastExit().orElseThrow().report().cause()).isEqualTo(ExitCause.EXITED);
    }

    @Test
    void theSecondCrashWaits() {
        stage.up(app("web"));
        stage.crash("web").spawn().pass(1000).crash("web");
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.state("web")).isEqualTo(InstanceState.BACKOFF);
        assertThat(stage.view("web").reason()).isEqualTo("exited with code 1; 2 times in a row");
        stage.pass(110);
        assertThat(stage.starts()).containsExactly("web/0");
    }

    @Test
    void aStopAsksOnceAndHolds() {
        stage.up(app("web"));
        String run = stage.run("web");
        Ticket ticket = stage.stop("web");
        assertThat(stage.asked()).containsExactly(run);
        assertThat(stage.state("web")).isEqualTo(InstanceState.DRAINING);
        assertThat(stage.outcome(ticket).state()).isEqualTo(Outcome.State.PENDING);
        stage.exit(run, Exit.ofSignal(15));
        assertThat(stage.state("web")).isEqualTo(InstanceState.STOPPED);
        assertThat(stage.outcome(ticket).state()).isEqualTo(Outcome.State.DONE);
        assertThat(stage.effects).contains(new Effect.Release(Stage.id("web")));
        stage.pass(3_600_000);
        assertThat(stage.starts()).isEmpty();
    }

    @Test
    void whoDoesNotObeyIsKilledAfterTheGracePeriodUntilItIsGone() {
        stage.up(app("web").grace(5000));
        String run = stage.run("web");
        stage.stop("web");
        assertThat(stage.pass(4999).killed()).isEmpty();
        assertThat(stage.pass(1).killed()).containsExactly(run);
        assertThat(stage.pass(3000).killed()).containsExactly(run, run);
        stage.exit(run, Exit.ofSignal(9));
        assertThat(stage.view("web").lastExit().orElseThrow().report().cause()).isEqualTo(ExitCause.KILLED_BY_US);
    }

    @Test
    void aRestartOfAStopFirstAppEndsTheOldRunBeforeTheNewOneStarts() {
        stage.up(app("web"));
        String old = stage.run("web");
        Ticket ticket = stage.restart("web");
        assertThat(stage.asked()).containsExactly(old);
        assertThat(stage.starts()).isEmpty();
        stage.exit(old, Exit.ofSignal(15));
        assertThat(stage.starts()).containsExactly("web/0");
        stage.spawn().pass(1000);
        assertThat(stage.outcome(ticket).state()).isEqualTo(Outcome.State.DONE);
    }

    @Test
    void whoNamesNoAppIsToldTheNearestOrWhichThereAre() {
        assertThat(stage.outcome(stage.stop("god")).hint()).contains("no apps yet");
        stage.up(app("good"), app("worker"));
        Outcome outcome = stage.outcome(stage.stop("god"));
        assertThat(outcome.exitCode()).isEqualTo(4);
        assertThat(outcome.message()).isEqualTo("no app god");
        assertThat(outcome.hint()).isEqualTo("did you mean good?");
        assertThat(stage.outcome(stage.restart("mail")).hint()).isEqualTo("there are: good, worker");
    }

    @Test
    void ofManyAppsEightAreNamed() {
        Apps[] many = new Apps[11];
        for (int i = 0; i < many.length; i++) {
            many[i] = app("service-" + (char) ('a' + i));
        }
        stage.up(many);
        assertThat(stage.outcome(stage.stop("x")).hint())
                .startsWith("there are: service-a, service-b, ")
                .endsWith(", service-h and 3 more");
    }

    @Test
    void shutdownEndsEverythingAndSaysSo() {
        stage.up(app("web"), app("worker"));
        String web = stage.run("web");
        String worker = stage.run("worker");
        stage.wish(new Event.ShutdownWish());
        assertThat(stage.asked()).containsExactlyInAnyOrder(web, worker);
        stage.exit(web, Exit.ofCode(0));
        stage.exit(worker, Exit.ofCode(0));
        assertThat(stage.effects).contains(new Effect.Finished());
    }
}
