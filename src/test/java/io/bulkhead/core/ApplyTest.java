package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Outcome.State;
import io.bulkhead.spec.Ready;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Applying a file to what runs: only the difference is touched. */
class ApplyTest {

    private final Stage stage = new Stage();

    @Test
    void applyingTheSameAgainDoesNothing() {
        stage.up(app("web"), app("db"));
        stage.apply(app("web"), app("db"));
        assertThat(stage.effects).isEmpty();
    }

    @Test
    void aNewLimitIsSetOnTheLivingRun() {
        stage.up(app("web"));
        stage.apply(app("web").memory(1 << 20));
        assertThat(stage.effects)
                .contains(new Effect.UpdateRun(
                        stage.run("web"), app("web").memory(1 << 20).build(), Set.of("memory")));
        assertThat(stage.asked()).isEmpty();
    }

    @Test
    void scalingTouchesOnlyTheDifference() {
        stage.up(app("web").instances(2));
        stage.apply(app("web").instances(3));
        assertThat(stage.starts()).containsExactly("web/2");
        stage.spawn();
        String first = stage.run("web/1");
        String second = stage.run("web/2");
        stage.apply(app("web").instances(1));
        assertThat(stage.asked()).containsExactlyInAnyOrder(first, second);
    }

    @Test
    void aRemovedAppIsStoppedThenForgotten() {
        stage.up(app("web"), app("db"));
        String web = stage.run("web");
        Ticket ticket = stage.apply(app("db"));
        assertThat(stage.asked()).containsExactly(web);
        stage.exit(web, Exit.ofCode(0));
        assertThat(stage.effects).contains(new Effect.Release(Stage.id("web")), new Effect.ForgetApp("web"));
        assertThat(stage.supervisor.app("web")).isEmpty();
        assertThat(stage.outcome(ticket).state()).isEqualTo(State.DONE);
    }

    @Test
    void anAppThatIsAddedWhileItIsBeingDeletedComesBackAfterItsOldRunHasEnded() {
        stage.up(app("web").command("old"));
        String old = stage.run("web");
        stage.wish(new Event.DeleteWish(Stage.target("web")));
        assertThat(stage.start("web").refused().orElseThrow().exitCode()).isEqualTo(4);
        stage.apply(app("web").command("new"));
        assertThat(stage.starts()).isEmpty();
        stage.exit(old, Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("web/0");
    }

    @Test
    void appsOfAnotherOriginStay() {
        stage.wish(new Event.ApplyWish(Apps.spec(app("script")), Origin.START, Optional.empty()));
        stage.apply(app("web"));
        assertThat(stage.asked()).isEmpty();
        assertThat(stage.supervisor.app("script")).isPresent();
    }

    @Test
    void aHoldStaysWhenTheAppIsChangedOrScaled() {
        stage.up(app("web"));
        String run = stage.run("web");
        stage.stop("web");
        stage.exit(run, Exit.ofCode(0));
        stage.apply(app("web").command("new").instances(2));
        assertThat(stage.starts()).isEmpty();
        assertThat(stage.effects).contains(new Effect.RememberHold(Stage.id("web/1"), true));
    }

    @Test
    void aHoldOutlivesTheDaemon() {
        Stage next = new Stage(Stage.id("web/0"));
        next.apply(app("web").instances(2));
        assertThat(next.starts()).containsExactly("web/1");
        assertThat(next.view("web/0").held()).isTrue();
        next.start("web");
        assertThat(next.starts()).containsExactly("web/0");
        assertThat(next.effects).contains(new Effect.RememberHold(Stage.id("web/0"), false));
    }

    @Test
    void restartOfAllLeavesAloneWhatAPersonStopped() {
        stage.up(app("web"), app("worker"));
        String worker = stage.run("worker");
        stage.stop("worker");
        stage.exit(worker, Exit.ofCode(0));
        stage.restart("all");
        assertThat(stage.asked()).containsExactly(stage.run("web"));
        assertThat(stage.starts()).isEmpty();
        stage.restart("worker");
        assertThat(stage.starts()).containsExactly("worker/0");
    }

    @Test
    void runsOfAFormerDaemonGoOn() {
        stage.on(new Event.RunAdopted(
                "old-1",
                Stage.id("web"),
                77,
                Stage.EPOCH - 60_000,
                false,
                app("web").build(),
                Origin.FILE));
        stage.apply(app("web").instances(2));
        assertThat(stage.starts()).containsExactly("web/1");
        assertThat(stage.state("web/0")).isEqualTo(InstanceState.READY);
        assertThat(stage.view("web/0").started()).hasValue(Stage.EPOCH - 60_000);
    }

    /** What a program says once, and says while no daemon lives, nobody hears. */
    @Test
    void aRunOfAFormerDaemonDoesNotWaitForItsWordForEver() {
        Apps web = app("web").ready(new Ready.Notified());
        stage.on(new Event.RunAdopted(
                "old-1", Stage.id("web"), 77, Stage.EPOCH - 10_000, false, web.build(), Origin.FILE));
        stage.apply(web);
        stage.pass(49_999);
        assertThat(stage.state("web")).isEqualTo(InstanceState.STARTING);
        stage.pass(1);
        assertThat(stage.state("web")).isEqualTo(InstanceState.READY);
    }

    @Test
    void aRunOfAFormerDaemonWithAnotherSpecificationIsReplaced() {
        stage.on(new Event.RunAdopted(
                "old-1",
                Stage.id("web"),
                77,
                Stage.EPOCH - 60_000,
                false,
                app("web").command("v1").build(),
                Origin.FILE));
        stage.apply(app("web").command("v2"));
        assertThat(stage.asked()).containsExactly("old-1");
    }

    @Test
    void aReplacementThatWasUnderWayWhenTheDaemonDiedIsKeptAndTheOldOneDrained() {
        Apps web = app("web").startFirst();
        stage.on(new Event.RunAdopted("new", Stage.id("web"), 78, Stage.EPOCH - 500, false, web.build(), Origin.FILE));
        stage.on(new Event.RunAdopted(
                "old", Stage.id("web"), 77, Stage.EPOCH - 60_000, false, web.build(), Origin.FILE));
        stage.apply(web);
        assertThat(stage.asked()).as("the new one is not ready yet").isEmpty();
        stage.pass(500);
        assertThat(stage.asked()).containsExactly("old");
        assertThat(stage.run("web")).isEqualTo("new");
        assertThat(stage.starts()).isEmpty();
    }

    @Test
    void theHoldOfAnInstanceThatIsNoMoreIsForgotten() {
        Stage next = new Stage(Stage.id("web/0"), Stage.id("web/2"));
        next.apply(app("web").instances(2));
        assertThat(next.effects)
                .contains(new Effect.RememberHold(Stage.id("web/2"), false))
                .doesNotContain(new Effect.RememberHold(Stage.id("web/0"), false));
        assertThat(next.starts()).containsExactly("web/1");
    }

    @Test
    void aFileThatNamesAnotherOriginsAppDoesNotLiftItsHolds() {
        Stage next = new Stage(Stage.id("web/1"));
        Apps web = app("web").instances(2);
        next.on(new Event.RunAdopted("old-1", Stage.id("web"), 77, Stage.EPOCH, false, web.build(), Origin.START));
        next.apply(web);
        next.wish(new Event.ApplyWish(Apps.spec(web), Origin.START, Optional.empty()));
        assertThat(next.starts()).isEmpty();
        assertThat(next.view("web/1").held()).isTrue();
    }

    @Test
    void anUnknownAppIsExitCodeFour() {
        assertThat(stage.outcome(stage.stop("nobody")).exitCode()).isEqualTo(4);
        stage.up(app("web"));
        assertThat(stage.outcome(stage.stop("web/7")).message()).isEqualTo("no instance web/7");
    }
}
