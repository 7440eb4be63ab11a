package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Outcome.State;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.Ready;
import org.junit.jupiter.api.Test;

/** A reload: who is replaced when, what is kept when it fails, and what brings the former specification back. */
class ReloadTest {

    private final Stage stage = new Stage();

    @Test
    void theNewRunMustBeReadyAndStableAndIsAdmittedBeforeTheOldOneIsAsked() {
        stage.up(app("web").startFirst().listen(3000));
        String old = stage.run("web");
        Ticket ticket = stage.reload("web");
        assertThat(stage.all(Effect.StartRun.class)).singleElement().satisfies(start -> {
            assertThat(start.cause()).isEqualTo(Cause.RELOAD);
            assertThat(start.gated()).isTrue();
        });
        String young = stage.started().getFirst();
        stage.spawn().pass(2900);
        assertThat(stage.asked()).as("ready for less than two seconds").isEmpty();
        stage.pass(100);
        assertThat(stage.effects.stream().filter(e -> e instanceof Effect.Admit || e instanceof Effect.AskToStop))
                .hasSize(2)
                .first()
                .isEqualTo(new Effect.Admit(young));
        assertThat(stage.asked()).containsExactly(old);
        assertThat(stage.outcome(ticket).state()).as("the old one drains").isEqualTo(State.PENDING);
        stage.exit(old, Exit.ofSignal(15));
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.DONE);
    }

    @Test
    void aCheckThatFailsMeanwhileStartsTheMomentAnew() {
        stage.apply(app("web").startFirst().health(3, 3, 0, 60_000));
        stage.spawn()
                .well(
                        stage.started().isEmpty()
                                ? stage.run("web")
                                : stage.started().getFirst());
        String old = stage.run("web");
        stage.reload("web");
        String young = stage.started().getFirst();
        stage.spawn()
                .pass(500)
                .well(young)
                .pass(1900)
                .unwell(young)
                .pass(1000)
                .well(young)
                .pass(1900);
        assertThat(stage.asked()).isEmpty();
        assertThat(stage.pass(100).asked()).containsExactly(old);
    }

    @Test
    void aNewRunThatIsNotReadyInTimeIsEndedAndTheOldOneKept() {
        stage.up(app("web").startFirst().ready(1000));
        String old = stage.run("web");
        stage.apply(app("web").startFirst().ready(new Ready.Notified()));
        Ticket ticket = stage.reload("web");
        String young = stage.started().getFirst();
        stage.spawn().pass(59_999);
        assertThat(stage.asked()).isEmpty();
        stage.pass(1);
        assertThat(stage.asked()).containsExactly(young);
        assertThat(stage.run("web")).isEqualTo(old);
        assertThat(stage.outcome(ticket).exitCode()).isEqualTo(6);
        assertThat(stage.outcome(ticket).message())
                .isEqualTo("web: was not ready within 1m: it waited for READY=1 of it (sd_notify); the run before it"
                        + " goes on");
    }

    @Test
    void aNewRunThatExitsLeavesEveryOldOneAsItIs() {
        stage.up(app("web").startFirst().instances(2));
        Ticket ticket = stage.reload("web");
        String young = stage.started().getFirst();
        stage.spawn().exit(young, Exit.ofCode(1));
        assertThat(stage.pass(600_000).starts()).isEmpty();
        assertThat(stage.outcome(ticket).exitCode()).isEqualTo(6);
        assertThat(stage.outcome(ticket).message())
                .contains("web/0: exited with code 1")
                .contains("web/1: kept as it was");
    }

    @Test
    void oneAfterTheOtherEachWhenTheOldOneBeforeIsGone() {
        stage.up(app("web").startFirst().instances(2));
        String first = stage.run("web/0");
        stage.reload("web");
        stage.spawn().pass(3000);
        assertThat(stage.asked()).containsExactly(first);
        assertThat(stage.starts()).isEmpty();
        stage.exit(first, Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("web/1");
    }

    @Test
    void aChangeToStopFirstDuringAReloadEndsBothRunsAndStartsTheNextWhenBothAreGone() {
        stage.up(app("web").startFirst().listen(3000).hook(Hook.PRE_STOP));
        String old = stage.run("web");
        stage.reload("web");
        String young = stage.started().getFirst();
        stage.spawn();
        stage.apply(app("web").command("v2").listen(3000).hook(Hook.PRE_STOP));
        assertThat(stage.hooks()).containsExactly("pre_stop web/0", "pre_stop web/0");
        long ofYoung = stage.all(Effect.RunHook.class).getFirst().id();
        long ofOld = stage.all(Effect.RunHook.class).getLast().id();
        stage.on(new Event.HookEnded(ofOld, true, ""));
        assertThat(stage.asked()).as("whichever hook ends first").containsExactly(old);
        stage.on(new Event.HookEnded(ofYoung, true, ""));
        assertThat(stage.asked()).containsExactly(young);
        assertThat(stage.exit(old, Exit.ofCode(0)).starts())
                .as("the other is not gone")
                .isEmpty();
        assertThat(stage.exit(young, Exit.ofCode(0)).starts()).containsExactly("web/0");
    }

    @Test
    void aWorkerStopsFirst() {
        stage.up(app("worker").instances(2));
        String first = stage.run("worker/0");
        stage.reload("worker");
        assertThat(stage.asked()).containsExactly(first);
        assertThat(stage.starts()).isEmpty();
        stage.exit(first, Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("worker/0");
        String second = stage.run("worker/1");
        assertThat(stage.spawn().pass(3000).asked()).containsExactly(second);
    }

    @Test
    void aSecondReloadQueuesBehindTheFirst() {
        stage.up(app("web").startFirst());
        String old = stage.run("web");
        stage.reload("web");
        Ticket second = stage.reload("web");
        String young =
                stage.run("web").equals(old) ? stage.view("web").otherRuns().getFirst() : "";
        stage.on(new Event.RunStarted(young, 7)).pass(3000).exit(old, Exit.ofCode(0));
        assertThat(stage.starts()).as("the second begins").containsExactly("web/0");
        assertThat(stage.outcome(second).state()).isEqualTo(State.PENDING);
        stage.spawn().pass(3000).exit(young, Exit.ofCode(0));
        assertThat(stage.outcome(second).state()).isEqualTo(State.DONE);
    }

    @Test
    void allGoThroughTheAppsInTheOrderOfTheirDependencies() {
        stage.up(app("api").startFirst().needs("db"), app("db").startFirst());
        String oldDb = stage.run("db");
        Ticket ticket = stage.reload("all");
        assertThat(stage.starts()).containsExactly("db/0");
        stage.spawn().pass(3000);
        assertThat(stage.starts()).isEmpty();
        stage.exit(oldDb, Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("api/0");
        String oldApi = stage.run("api");
        stage.spawn().pass(3000).exit(oldApi, Exit.ofCode(0));
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.DONE);
    }

    @Test
    void whatDoesNotRunIsStarted() {
        stage.up(app("web"));
        String run = stage.run("web");
        stage.stop("web");
        stage.exit(run, Exit.ofCode(0));
        Ticket ticket = stage.reload("web");
        assertThat(stage.starts()).containsExactly("web/0");
        stage.spawn().pass(1000);
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.DONE);
    }

    @Test
    void duringAShutdownItIsRefused() {
        stage.up(app("web"));
        stage.wish(new Event.ShutdownWish());
        assertThat(stage.outcome(stage.reload("web")).exitCode()).isEqualTo(1);
    }

    @Test
    void aCrashWithinTheWatchBringsTheFormerSpecificationBack() {
        stage.up(app("web").command("v1").startFirst());
        String old = stage.run("web");
        stage.apply(app("web").command("v2").startFirst());
        stage.spawn().pass(3000).exit(old, Exit.ofCode(0)).pass(60_000);
        stage.crash("web");
        assertThat(stage.told()).contains(Tale.ROLLED_BACK);
        assertThat(stage.all(Effect.StartRun.class)).singleElement().satisfies(start -> {
            assertThat(start.app().command().argv()).containsExactly("v1");
            assertThat(start.cause()).isEqualTo(Cause.ROLLBACK);
        });
        assertThat(stage.all(Effect.RememberApp.class)).hasSize(1);
    }

    @Test
    void afterTheWatchACrashIsACrash() {
        stage.up(app("web").command("v1").startFirst());
        String old = stage.run("web");
        stage.apply(app("web").command("v2").startFirst());
        stage.spawn().pass(3000).exit(old, Exit.ofCode(0)).pass(120_001);
        stage.crash("web");
        assertThat(stage.told()).doesNotContain(Tale.ROLLED_BACK);
        assertThat(stage.all(Effect.StartRun.class))
                .singleElement()
                .satisfies(start -> assertThat(start.app().command().argv()).containsExactly("v2"));
    }

    @Test
    void codeThatWasChangedInPlaceCannotComeBackAndThatIsTold() {
        stage.up(app("web").startFirst());
        String old = stage.run("web");
        stage.reload("web");
        stage.spawn().pass(3000).exit(old, Exit.ofCode(0));
        stage.crash("web");
        assertThat(stage.told()).contains(Tale.NOT_ROLLED_BACK);
        assertThat(stage.starts()).as("it is restarted like any other").containsExactly("web/0");
    }

    @Test
    void anotherNumberOfInstancesHoldsUntilTheNextApply() {
        stage.up(app("web"));
        stage.wish(new Event.ScaleWish("web", 3));
        assertThat(stage.starts()).containsExactly("web/1", "web/2");
        assertThat(stage.all(Effect.RememberScale.class)).containsExactly(new Effect.RememberScale("web", 3));
        Stage next = new Stage();
        next.on(new Event.ScaleRemembered("web", 3));
        next.apply(app("web"));
        assertThat(next.starts()).hasSize(3);
        next.apply(app("web"));
        assertThat(next.all(Effect.ForgetScale.class)).hasSize(1);
        assertThat(next.supervisor.app("web").orElseThrow().spec().instances()).isEqualTo(1);
    }

    @Test
    void scaledToNothingItSaysSoAndComesBack() {
        stage.up(app("web"));
        String run = stage.run("web");
        Ticket down = stage.wish(new Event.ScaleWish("web", 0));
        stage.exit(run, Exit.ofCode(0));
        assertThat(stage.outcome(down).state()).isEqualTo(State.DONE);
        AppView view = stage.supervisor.app("web").orElseThrow();
        assertThat(view.state()).isEqualTo(AppState.STOPPED);
        assertThat(view.reason()).isEqualTo("scaled to 0: bulkhead scale web 1");
        stage.wish(new Event.ScaleWish("web", 1));
        assertThat(stage.starts()).containsExactly("web/0");
        assertThat(stage.outcome(stage.wish(new Event.ScaleWish("web", 1001))).exitCode())
                .isEqualTo(2);
    }
}
