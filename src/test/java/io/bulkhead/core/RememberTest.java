package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the next daemon knows of what this one did. */
class RememberTest {

    private final Stage stage = new Stage();
    private final Stage next = new Stage("u");

    private void found(String run, Apps app, long startedAgo, boolean ready) {
        next.on(new Event.RunAdopted(
                run, Stage.id("web"), 77, Stage.EPOCH - startedAgo, ready, app.build(), Origin.FILE));
    }

    @Test
    void aCrashIsRememberedBeforeItsReplacementIsOrdered() {
        stage.up(app("web"));
        stage.crash("web");
        assertThat(stage.effects.getFirst()).isInstanceOfSatisfying(Effect.RememberInstance.class, remembered -> {
            assertThat(remembered.memory().restarts()).isEqualTo(1);
            assertThat(remembered.memory().crashes()).isEqualTo(1);
            assertThat(remembered.memory().incidents()).containsEntry(ExitCause.EXITED, 1);
            assertThat(remembered.memory().lastExit()).isPresent();
        });
        Effect.RememberInstance kept = stage.all(Effect.RememberInstance.class).getFirst();
        next.on(new Event.InstanceRemembered(kept.instance(), kept.memory()));
        next.apply(app("web"));
        assertThat(next.view("web").restarts())
                .as("the start that it owed was counted")
                .isEqualTo(1);
        next.spawn().crash("web");
        assertThat(next.all(Effect.OpenIncident.class).getFirst().times()).isEqualTo(2);
    }

    @Test
    void aOneShotThatHasRunDoesNotRunAgain() {
        stage.up(app("job").restart(Policy.NEVER));
        stage.exit(stage.run("job"), Exit.ofCode(0));
        Effect.RememberInstance kept = stage.all(Effect.RememberInstance.class).getLast();
        assertThat(kept.memory().completed()).isTrue();
        next.on(new Event.InstanceRemembered(kept.instance(), kept.memory()));
        next.apply(app("job").restart(Policy.NEVER));
        assertThat(next.starts()).isEmpty();
        assertThat(next.state("job")).isEqualTo(InstanceState.COMPLETED);
    }

    @Test
    void anEndThatWasCountedIsNotCountedTwice() {
        stage.up(app("web"));
        String run = stage.run("web");
        stage.crash("web");
        Effect.RememberInstance kept = stage.all(Effect.RememberInstance.class).getFirst();
        found(run, app("web"), 5000, true);
        next.on(new Event.InstanceRemembered(kept.instance(), kept.memory()));
        next.exit(run, Exit.ofCode(1));
        assertThat(next.view("web").restarts()).isEqualTo(1);
        assertThat(next.all(Effect.OpenIncident.class)).isEmpty();
        next.apply(app("web"));
        assertThat(next.starts()).containsExactly("web/0");
    }

    @Test
    void aReloadGoesOnWhereItWas() {
        Apps web = app("web").startFirst();
        found("old", web, 60_000, true);
        next.on(new Event.RolloutRemembered(
                new RolloutMemory("web", Cause.RELOAD, true, Set.of(0), Optional.empty(), Stage.EPOCH - 1000, 0)));
        next.apply(web);
        assertThat(next.starts()).containsExactly("web/0");
        assertThat(next.spawn().pass(3000).asked()).containsExactly("old");
    }

    @Test
    void aReloadWhoseNewRunServesAlreadyIsNotDoneTwice() {
        Apps web = app("web").startFirst();
        found("new", web, 500, true);
        next.on(new Event.RolloutRemembered(
                new RolloutMemory("web", Cause.RELOAD, true, Set.of(0), Optional.empty(), Stage.EPOCH - 1000, 0)));
        next.apply(web);
        assertThat(next.pass(60_000).starts()).isEmpty();
    }

    @Test
    void theWatchOfAFormerDaemonGoesOnAndBringsTheFormerSpecificationBack() {
        found("new", app("web").command("v2"), 30_000, true);
        next.on(new Event.RolloutRemembered(new RolloutMemory(
                "web",
                Cause.APPLY,
                true,
                Set.of(),
                Optional.of(app("web").command("v1").build()),
                Stage.EPOCH - 40_000,
                Stage.EPOCH + 60_000)));
        next.apply(app("web").command("v2"));
        next.pass(1000).crash("web");
        assertThat(next.told()).contains(Tale.ROLLED_BACK);
        assertThat(next.all(Effect.StartRun.class).getFirst().app().command().argv())
                .containsExactly("v1");
    }

    @Test
    void beforeRolloutIsNotRunAgainForAStartThatItHasPrepared() {
        stage.apply(app("web").hook(Hook.BEFORE_ROLLOUT));
        stage.hookEnds(true);
        assertThat(stage.effects.getFirst()).as("before the start").isInstanceOf(Effect.RememberRollout.class);
        next.on(new Event.RolloutRemembered(
                stage.all(Effect.RememberRollout.class).getFirst().memory()));
        next.apply(app("web").hook(Hook.BEFORE_ROLLOUT));
        assertThat(next.hooks()).isEmpty();
        assertThat(next.starts()).containsExactly("web/0");
    }

    @Test
    void nothingIsDecidedBeforeTheFileHasSaidWhatIsToBe() {
        Apps before = app("web").startFirst().instances(2);
        Apps after = app("web").startFirst().instances(2).command("v2");
        next.on(new Event.RunAdopted(
                "old", Stage.id("web/0"), 77, Stage.EPOCH - 60_000, true, before.build(), Origin.FILE));
        next.on(new Event.RunAdopted(
                "new", Stage.id("web/1"), 78, Stage.EPOCH - 50_000, true, after.build(), Origin.FILE));
        next.on(new Event.NoRoomForTwo(Set.of()));
        assertThat(next.effects).isEmpty();
        next.on(new Event.ExternalsAway(Map.of("postgres", "")));
        assertThat(next.effects).isEmpty();
        next.pass(1000);
        assertThat(next.effects).isEmpty();
        next.apply(after);
        assertThat(next.starts()).containsExactly("web/0");
        assertThat(next.run("web/1")).isEqualTo("new");
        assertThat(next.asked()).isEmpty();
    }
}
