package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What happens to a run that reaches its drain mark. */
class DrainTest {

    private static final long MIB = 1 << 20;

    private final Stage stage = new Stage();

    private static Apps limited(String name) {
        return app(name).memory(128 * MIB).drainAt(102 * MIB);
    }

    private static Exit limitKill() {
        return new Exit(
                OptionalInt.empty(),
                OptionalInt.of(9),
                KernelKills.ownLimit(1),
                false,
                128 * MIB,
                128 * MIB,
                0,
                List.of(),
                true,
                Optional.empty());
    }

    private Stage above(String run, MemoryLevel level, long perSecond, boolean room) {
        return stage.on(new Event.MemoryAboveMark(run, level, 103 * MIB, perSecond, room));
    }

    private Stage atMark(String run) {
        return above(run, MemoryLevel.DRAIN_MARK, 0, true);
    }

    private Stage prepared(String run) {
        return stage.on(new Event.DrainPrepared(run));
    }

    private Effect.Tell told(String type) {
        for (Effect effect : stage.effects) {
            if (effect instanceof Effect.Tell tell && tell.type().equals(type)) {
                return tell;
            }
        }
        throw new AssertionError("not told: " + type + ", but " + stage.effects);
    }

    /** One drain from the mark to the next run; gives the new run. */
    private String drained(String run) {
        atMark(run);
        prepared(run);
        assertThat(stage.asked()).containsExactly(run);
        stage.exit(run, Exit.ofSignal(15));
        String next = stage.started().getFirst();
        stage.spawn().pass(1000);
        return next;
    }

    @Test
    void aRunAtItsMarkIsPreparedThenAskedThenReplaced() {
        stage.up(limited("worker"));
        String run = stage.run("worker");
        atMark(run);
        assertThat(stage.effects).anyMatch(effect -> effect instanceof Effect.PrepareDrain);
        assertThat(told(Tale.MEMORY_MARK).fields()).containsEntry("alert", true);
        assertThat(stage.asked()).as("it is being prepared").isEmpty();
        prepared(run);
        assertThat(stage.asked()).containsExactly(run);
        stage.exit(run, Exit.ofCode(0));
        assertThat(stage.effects)
                .anyMatch(effect -> effect instanceof Effect.StartRun start && start.cause() == Cause.DRAIN);
        assertThat(stage.view("worker").restarts()).isEqualTo(1);
        assertThat(told(Tale.EXITED).fields()).containsEntry("cause", "drained").containsEntry("failure", false);
        assertThat(stage.effects)
                .filteredOn(effect -> effect instanceof Effect.OpenIncident)
                .singleElement()
                .satisfies(effect -> assertThat(
                                ((Effect.OpenIncident) effect).report().detail())
                        .contains("103 MiB of 128 MiB", "drain mark 102 MiB"));
    }

    @Test
    void whoComesDownBeforeItsStopIsLeftAlone() {
        stage.up(limited("worker"));
        String run = stage.run("worker");
        atMark(run);
        stage.on(new Event.MemoryBelowMark(run, 60 * MIB));
        assertThat(stage.told()).contains(Tale.MEMORY_BELOW);
        prepared(run);
        assertThat(stage.asked()).isEmpty();
        assertThat(stage.state("worker")).isEqualTo(InstanceState.READY);
    }

    @Test
    void whoComesDownTakesItsReplacementBack() {
        stage.up(limited("web").startFirst());
        String run = stage.run("web");
        atMark(run);
        String young = stage.started().getFirst();
        stage.spawn();
        stage.on(new Event.MemoryBelowMark(run, 60 * MIB));
        assertThat(stage.asked()).containsExactly(young);
        assertThat(stage.run("web")).isEqualTo(run);
    }

    @Test
    void startFirstWaitsForTheNewRun() {
        stage.up(limited("web").startFirst());
        String run = stage.run("web");
        atMark(run);
        assertThat(stage.starts()).containsExactly("web/0");
        stage.spawn();
        prepared(run);
        assertThat(stage.asked()).isEmpty();
        stage.pass(1000);
        assertThat(stage.asked()).containsExactly(run);
    }

    @Test
    void withoutRoomForTwoStartFirstBecomesStopFirst() {
        stage.up(limited("web").startFirst());
        String run = stage.run("web");
        above(run, MemoryLevel.DRAIN_MARK, 0, false);
        assertThat(stage.starts()).isEmpty();
        assertThat(told(Tale.MEMORY_MARK).fields().get("consequence").toString())
                .contains("memory for two is not free");
        prepared(run);
        assertThat(stage.asked()).containsExactly(run);
        assertThat(stage.starts()).isEmpty();
        stage.exit(run, Exit.ofCode(0));
        assertThat(stage.starts()).containsExactly("web/0");
    }

    @Test
    void whoWouldReachItsLimitBeforeTheNewRunIsReadyDoesNotWait() {
        stage.up(limited("web").startFirst().ready(20_000)).pass(20_000);
        String run = stage.run("web");
        atMark(run);
        stage.spawn();
        prepared(run);
        above(run, MemoryLevel.LAST_CHANCE, 10 * MIB, true);
        assertThat(stage.asked()).containsExactly(run);
    }

    @Test
    void aKillAtTheLimitDuringTheDrainIsALimitKill() {
        stage.up(limited("worker"));
        String run = stage.run("worker");
        atMark(run);
        prepared(run);
        stage.exit(run, limitKill());
        assertThat(told(Tale.EXITED).fields()).containsEntry("cause", "oom-limit");
        assertThat(stage.starts()).as("no pause: it was to be replaced").containsExactly("worker/0");
    }

    @Test
    void whoDoesNotStopIsKilledAndReplacedWithoutAPause() {
        stage.up(limited("worker").grace(5000));
        String run = stage.run("worker");
        atMark(run);
        prepared(run);
        stage.pass(5000);
        assertThat(stage.killed()).containsExactly(run);
        stage.exit(run, Exit.ofSignal(9));
        assertThat(told(Tale.EXITED).fields())
                .containsEntry("cause", "killed-by-us")
                .containsEntry("failure", false);
        assertThat(stage.starts()).containsExactly("worker/0");
    }

    @Test
    void aSteadyAppIsDrainedTwiceThenOneAlertNamesTheLimitThatFits() {
        stage.up(limited("worker"));
        String third = drained(drained(stage.run("worker")));
        atMark(third);
        prepared(third);
        stage.pass(10_000);
        assertThat(stage.asked()).isEmpty();
        stage.on(new Event.MemorySteady(third, 105 * MIB));
        assertThat(told(Tale.DRAIN_SUSPENDED).fields())
                .containsEntry("alert", true)
                .containsEntry("fitting_limit", 144 * MIB);
        stage.on(new Event.MemorySteady(third, 106 * MIB));
        assertThat(stage.told()).isEmpty();
        stage.pass(3_600_000);
        assertThat(stage.asked()).as("flat above the mark is no leak").isEmpty();
        assertThat(stage.view("worker").reason()).contains("draining is suspended");
    }

    @Test
    void aLeakIsDrainedAtItsLastChanceWhileSuspended() {
        stage.up(limited("worker"));
        String third = drained(drained(stage.run("worker")));
        atMark(third);
        above(third, MemoryLevel.LAST_CHANCE, 15 * MIB, true);
        assertThat(told(Tale.DRAIN_SUSPENDED).fields().get("reason").toString()).contains("grows without end");
        prepared(third);
        assertThat(stage.asked()).containsExactly(third);
    }

    @Test
    void tenHastyLastChancesAreLeftToTheKernel() {
        stage.up(limited("worker"));
        String run = drained(drained(stage.run("worker")));
        for (int i = 0; i < 10; i++) {
            atMark(run);
            above(run, MemoryLevel.LAST_CHANCE, 15 * MIB, true);
            prepared(run);
            assertThat(stage.asked()).containsExactly(run);
            stage.exit(run, Exit.ofCode(0));
            run = stage.started().getFirst();
            stage.spawn().pass(1000);
        }
        atMark(run);
        above(run, MemoryLevel.LAST_CHANCE, 15 * MIB, true);
        assertThat(told(Tale.DRAIN_SUSPENDED).fields().get("reason").toString()).contains("left to the kernel");
        prepared(run);
        assertThat(stage.asked()).isEmpty();
    }

    @Test
    void aLargerLimitBeginsAnew() {
        stage.up(limited("worker"));
        String third = drained(drained(stage.run("worker")));
        stage.apply(app("worker").memory(256 * MIB).drainAt(204 * MIB));
        assertThat(stage.asked()).as("no restart").isEmpty();
        atMark(third);
        prepared(third);
        assertThat(stage.asked()).containsExactly(third);
    }

    @Test
    void aJobIsNotStartedTwice() {
        stage.up(limited("job").restart(Policy.NEVER));
        String run = stage.run("job");
        atMark(run);
        assertThat(told(Tale.MEMORY_MARK).fields().get("consequence").toString())
                .contains("left alone");
        prepared(run);
        assertThat(stage.asked()).isEmpty();
    }

    @Test
    void instancesOfAnAppGoOneAfterTheOtherUnlessItIsUrgent() {
        stage.up(limited("worker").instances(2));
        String first = stage.run("worker/0");
        String second = stage.run("worker/1");
        atMark(first);
        atMark(second);
        prepared(first);
        prepared(second);
        assertThat(stage.asked()).as("the first is not replaced yet").isEmpty();
        above(second, MemoryLevel.LAST_CHANCE, 0, true);
        assertThat(stage.asked()).containsExactly(second);
    }

    @Test
    void aReplacementThatFailsLeavesTheOldRunAndIsTriedAgain() {
        stage.up(limited("web").startFirst());
        String run = stage.run("web");
        atMark(run);
        String young = stage.started().getFirst();
        stage.spawn();
        prepared(run);
        stage.exit(young, Exit.ofCode(1));
        assertThat(stage.run("web")).isEqualTo(run);
        assertThat(stage.starts()).isEmpty();
        stage.pass(5 * 60_000);
        assertThat(stage.starts()).containsExactly("web/0");
    }
}
