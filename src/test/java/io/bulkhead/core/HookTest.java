package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What waits for hooks, and what becomes of it when they fail. */
class HookTest {

    private final Stage stage = new Stage();

    @Test
    void beforeRolloutComesOnceForAllInstances() {
        stage.apply(app("web").instances(2).hook(Hook.BEFORE_ROLLOUT));
        assertThat(stage.hooks()).containsExactly("before_rollout web/0");
        assertThat(stage.lastHook().timeout()).isEqualTo(Duration.ofMinutes(15));
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.hookEnds(true).starts()).containsExactly("web/0", "web/1");
        stage.spawn().pass(1000);
        assertThat(stage.crash("web/0").hooks())
                .as("not for a restart after a crash")
                .isEmpty();
        assertThat(stage.starts()).containsExactly("web/0");
    }

    @Test
    void aStartWhoseBeforeRolloutFailsIsRefusedAndTriedAgain() {
        Ticket ticket = stage.apply(app("web").hook(Hook.BEFORE_ROLLOUT));
        stage.hookEnds(false);
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.state("web")).isEqualTo(InstanceState.BLOCKED);
        assertThat(stage.view("web").reason()).isEqualTo("before_rollout failed: exited with code 1");
        assertThat(stage.outcome(ticket).exitCode()).isEqualTo(5);
        assertThat(stage.pass(200).hooks()).containsExactly("before_rollout web/0");
    }

    @Test
    void aReloadWhoseBeforeRolloutFailsKeepsWhatRuns() {
        stage.apply(app("web").startFirst().hook(Hook.BEFORE_ROLLOUT));
        stage.hookEnds(true).spawn().pass(5000);
        String run = stage.run("web");
        Ticket ticket = stage.reload("web");
        assertThat(stage.hooks()).hasSize(1);
        stage.hookEnds(false);
        assertThat(stage.outcome(ticket).exitCode()).isEqualTo(6);
        assertThat(stage.run("web")).isEqualTo(run);
        assertThat(stage.pass(600_000).hooks()).isEmpty();
        assertThat(stage.crash("web").starts()).as("a crash is still answered").containsExactly("web/0");
    }

    @Test
    void preStartComesBeforeEachProcessAndRefusesItWhenItFails() {
        stage.apply(app("web").hook(Hook.PRE_START));
        assertThat(stage.hooks()).containsExactly("pre_start web/0");
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.hookEnds(true).starts()).containsExactly("web/0");
        stage.spawn().pass(1000);
        stage.crash("web");
        assertThat(stage.lastHook().facts())
                .containsEntry("BULKHEAD_CAUSE", "crash")
                .containsEntry("BULKHEAD_OLD_PID", "1000")
                .containsEntry("BULKHEAD_EXIT_CODE", "1");
        stage.hookEnds(false);
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.state("web")).isEqualTo(InstanceState.BLOCKED);
    }

    @Test
    void aReloadWhosePreStartFailsKeepsWhatRuns() {
        stage.apply(app("web").startFirst().hook(Hook.PRE_START));
        stage.hookEnds(true).spawn().pass(1000);
        String run = stage.run("web");
        Ticket ticket = stage.reload("web");
        stage.hookEnds(false);
        assertThat(stage.run("web")).isEqualTo(run);
        assertThat(stage.outcome(ticket).exitCode()).isEqualTo(6);
        assertThat(stage.outcome(ticket).message()).contains("pre_start failed: exited with code 1");
    }

    @Test
    void aStopEndsAPreStartAndWaitsForIt() {
        stage.apply(app("web").hook(Hook.PRE_START));
        long hook = stage.lastHook().id();
        Ticket ticket = stage.stop("web");
        assertThat(stage.effects).contains(new Effect.EndHook(hook));
        assertThat(stage.outcome(ticket).state()).isEqualTo(Outcome.State.PENDING);
        stage.on(new Event.HookEnded(hook, true, ""));
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.outcome(ticket).state()).isEqualTo(Outcome.State.DONE);
    }

    @Test
    void theGracePeriodBeginsAfterPreStop() {
        stage.apply(app("web").hook(Hook.PRE_STOP).grace(5000));
        stage.spawn().pass(1000).stop("web");
        assertThat(stage.hooks()).containsExactly("pre_stop web/0");
        assertThat(stage.asked()).isEmpty();
        long hook = stage.lastHook().id();
        assertThat(stage.pass(30_000).killed()).isEmpty();
        stage.on(new Event.HookEnded(hook, false, "exited with code 1"));
        assertThat(stage.asked()).hasSize(1);
        assertThat(stage.pass(4999).killed()).isEmpty();
        assertThat(stage.pass(1).killed()).hasSize(1);
    }

    @Test
    void whoEndsDuringItsPreStopHasBeenStopped() {
        stage.apply(app("web").hook(Hook.PRE_STOP).hook(Hook.POST_STOP));
        stage.spawn().pass(1000);
        String run = stage.run("web");
        stage.stop("web");
        long hook = stage.lastHook().id();
        stage.exit(run, Exit.ofCode(1));
        assertThat(stage.effects).contains(new Effect.EndHook(hook));
        assertThat(stage.hooks()).containsExactly("post_stop web/0");
        assertThat(stage.lastHook().facts())
                .containsEntry("BULKHEAD_CAUSE", "stop")
                .containsEntry("BULKHEAD_EXIT_CODE", "1");
        assertThat(stage.view("web").lastExit().orElseThrow().report().cause()).isEqualTo(ExitCause.STOPPED);
    }

    @Test
    void postStartComesWhenItIsReadyAndPostRestartWhenItReplacesAnother() {
        stage.apply(app("web").hook(Hook.POST_START).hook(Hook.POST_RESTART));
        assertThat(stage.spawn().hooks()).isEmpty();
        assertThat(stage.pass(1000).hooks()).containsExactly("post_start web/0");
        stage.crash("web");
        assertThat(stage.spawn().pass(1000).hooks()).containsExactly("post_start web/0", "post_restart web/0");
    }
}
