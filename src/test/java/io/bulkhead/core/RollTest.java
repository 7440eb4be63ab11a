package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Outcome.State;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How running instances are replaced: beside the old one or after it, one after another or all at once. */
class RollTest {

    private final Stage stage = new Stage();

    @Test
    void startFirstDrainsTheOldRunWhenTheNewOneIsReady() {
        stage.up(app("web").startFirst());
        String old = stage.run("web");
        Ticket ticket = stage.restart("web");
        assertThat(stage.starts()).containsExactly("web/0");
        assertThat(stage.asked()).isEmpty();
        assertThat(stage.state("web")).isEqualTo(InstanceState.READY);
        stage.spawn().pass(1000);
        assertThat(stage.asked()).containsExactly(old);
        assertThat(stage.run("web")).isNotEqualTo(old);
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.DONE);
    }

    @Test
    void startFirstStopsFirstWhereTwoDoNotFit() {
        stage.up(app("web").startFirst(), app("api").startFirst());
        String old = stage.run("web");
        stage.on(new Event.NoRoomForTwo(Set.of("web")));
        stage.restart("web");
        assertThat(stage.asked()).containsExactly(old);
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.told()).contains(Tale.STOP_FIRST);
        stage.exit(old, Exit.ofSignal(15));
        assertThat(stage.starts()).containsExactly("web/0");
        stage.restart("api");
        assertThat(stage.starts()).as("others are not concerned").containsExactly("api/0");
    }

    @Test
    void startFirstStopsFirstWhereTheProgramOpensItsAddressItself() {
        stage.up(app("web").startFirst());
        String old = stage.run("web");
        stage.on(new Event.OpensItself(old));
        stage.restart("web");
        assertThat(stage.asked()).containsExactly(old);
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.told()).contains(Tale.STOP_FIRST);
        stage.exit(old, Exit.ofSignal(15));
        assertThat(stage.starts()).containsExactly("web/0");
    }

    @Test
    void startFirstTakesOneInstanceAfterTheOther() {
        stage.up(app("web").startFirst().instances(2));
        String first = stage.run("web/0");
        stage.restart("web");
        assertThat(stage.starts()).containsExactly("web/0");
        stage.spawn().pass(1000);
        assertThat(stage.starts()).as("the old run still drains").isEmpty();
        stage.exit(first, Exit.ofSignal(15));
        assertThat(stage.starts()).containsExactly("web/1");
    }

    @Test
    void theOldRunIsKeptWhenItsReplacementFails() {
        stage.up(app("web").startFirst().instances(2));
        String old = stage.run("web/0");
        Ticket ticket = stage.restart("web");
        String young = stage.started().getFirst();
        stage.spawn();
        stage.exit(young, Exit.ofCode(1));
        assertThat(stage.run("web/0")).isEqualTo(old);
        assertThat(stage.state("web/0")).isEqualTo(InstanceState.READY);
        stage.pass(3_600_000);
        assertThat(stage.starts()).isEmpty();
        Outcome outcome = stage.outcome(ticket);
        assertThat(outcome.state()).isEqualTo(State.FAILED);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.message())
                .isEqualTo("web/0: exited with code 1; the run before it goes on\n"
                        + "web/1: kept as it was, because another instance's replacement failed");
    }

    @Test
    void anApplyWhoseFirstReplacementFailsGoesBackToTheOldSpecification() {
        stage.up(app("web").startFirst().command("v1"));
        Ticket ticket = stage.apply(app("web").startFirst().command("v2"));
        String young = stage.started().getFirst();
        stage.spawn();
        stage.exit(young, Exit.ofCode(1));
        assertThat(stage.told()).contains(Tale.ROLLED_BACK);
        assertThat(stage.effects)
                .contains(new Effect.RememberApp(
                        app("web").startFirst().command("v1").build(), Origin.FILE));
        assertThat(stage.outcome(ticket).exitCode()).isEqualTo(6);
        stage.crash("web");
        assertThat(stage.effects.stream().filter(e -> e instanceof Effect.StartRun))
                .singleElement()
                .satisfies(e ->
                        assertThat(((Effect.StartRun) e).app().command().argv()).containsExactly("v1"));
    }

    @Test
    void aPersonsRestartOfAStopFirstAppTakesAllAtOnce() {
        stage.up(app("worker").instances(3));
        stage.restart("worker");
        assertThat(stage.asked()).hasSize(3);
        assertThat(stage.starts()).isEmpty();
    }

    @Test
    void anApplyOfAStopFirstAppTakesOneAfterTheOtherAndHaltsAtTheFirstThatFails() {
        stage.up(app("worker").instances(2).watch(0, false).command("v1"));
        String first = stage.run("worker/0");
        Ticket ticket = stage.apply(app("worker").instances(2).watch(0, false).command("v2"));
        assertThat(stage.asked()).containsExactly(first);
        stage.exit(first, Exit.ofSignal(15)).spawn().crash("worker/0");
        assertThat(stage.state("worker/1")).isEqualTo(InstanceState.READY);
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.FAILED);
        assertThat(stage.outcome(ticket).message()).contains("worker/1: kept as it was: worker/0 must be ready first");
        String second = stage.run("worker/1");
        stage.pass(200).spawn().pass(1000);
        assertThat(stage.asked()).as("it came up after all").containsExactly(second);
    }

    @Test
    void aStopDuringAReplacementEndsBoth() {
        stage.up(app("web").startFirst());
        String old = stage.run("web");
        stage.restart("web");
        String young = stage.started().getFirst();
        Ticket ticket = stage.stop("web");
        assertThat(stage.asked())
                .as("the new one cannot be asked before it exists")
                .containsExactly(old);
        stage.on(new Event.RunStarted(young, 7));
        assertThat(stage.asked()).containsExactly(young);
        stage.exit(old, Exit.ofCode(0)).exit(young, Exit.ofCode(0));
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.DONE);
    }

    @Test
    void aStartWhileItStopsIsNotLost() {
        stage.up(app("worker"));
        String old = stage.run("worker");
        Ticket stop = stage.stop("worker");
        Ticket start = stage.start("worker");
        assertThat(stage.starts()).isEmpty();
        stage.exit(old, Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("worker/0");
        stage.spawn().pass(1000);
        assertThat(stage.outcome(start).state()).isEqualTo(State.DONE);
        assertThat(stage.outcome(stop).message()).isEqualTo("worker: was started again meanwhile");
    }

    @Test
    void oldRunsAreReplacedALittleBeforeTheirAge() {
        stage.up(app("web").startFirst().maxAge(100_000));
        assertThat(stage.pass(88_000).starts()).isEmpty();
        assertThat(stage.pass(11_001).starts()).containsExactly("web/0");
    }

    @Test
    void aOneShotThatEndsBeforeItsTurnToBeReplacedRunsOnceMoreWithTheNewSpecification() {
        stage.up(app("job").restart(Policy.NEVER).instances(2).command("v1"));
        stage.apply(app("job").restart(Policy.NEVER).instances(2).command("v2"));
        stage.exit(stage.run("job/1"), Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("job/1");
    }
}
