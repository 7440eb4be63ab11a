package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What is worth explaining, how often it is told, and when it is over. */
class IncidentTest {

    private static final long LIMIT = 128L << 20;

    private final Stage stage = new Stage();

    private static Exit forked() {
        return new Exit(
                OptionalInt.of(0),
                OptionalInt.empty(),
                KernelKills.NONE,
                false,
                0,
                0,
                1,
                List.of(),
                true,
                Optional.empty());
    }

    private static Exit killedAtItsLimit() {
        return new Exit(
                OptionalInt.empty(),
                OptionalInt.of(9),
                KernelKills.ownLimit(1),
                false,
                LIMIT,
                LIMIT,
                0,
                List.of(),
                true,
                Optional.empty());
    }

    private List<Effect.OpenIncident> opened() {
        List<Effect.OpenIncident> opened = new ArrayList<>();
        for (Effect effect : stage.effects) {
            if (effect instanceof Effect.OpenIncident incident) {
                opened.add(incident);
            }
        }
        return opened;
    }

    private Effect.OpenIncident incident() {
        assertThat(opened()).hasSize(1);
        return opened().getFirst();
    }

    private boolean resolved() {
        return stage.effects.contains(new Effect.ResolveIncidents(Stage.id("web")));
    }

    @Test
    void aKillAtTheLimitSaysTheLimitAndWhatFollows() {
        stage.up(app("web").memory(LIMIT));
        stage.exit(stage.run("web"), killedAtItsLimit());
        assertThat(incident().report().detail()).isEqualTo("killed by the kernel at its limit of 128 MiB");
        assertThat(incident().consequence()).isEqualTo("restarted at once");
    }

    @Test
    void crashesInARowAreOneIncidentThatCounts() {
        stage.up(app("web"));
        for (int times = 1; times <= 12; times++) {
            stage.crash("web");
            assertThat(incident().times()).isEqualTo(times);
            if (stage.started().isEmpty()) {
                stage.pass(300_000);
            }
            stage.spawn();
        }
    }

    @Test
    void anotherCauseIsAnotherIncident() {
        stage.up(app("web"));
        stage.crash("web").spawn();
        stage.exit(stage.run("web"), Exit.ofSignal(11));
        assertThat(incident().times()).isEqualTo(1);
        stage.pass(300_000).spawn().crash("web");
        assertThat(incident().times()).isEqualTo(2);
    }

    @Test
    void aStableRunResolvesAndTheNextCrashIsANewIncident() {
        stage.up(app("web"));
        stage.crash("web").spawn();
        assertThat(stage.pass(59_999).effects).doesNotContain(new Effect.ResolveIncidents(Stage.id("web")));
        stage.pass(1);
        assertThat(resolved()).isTrue();
        stage.pass(3_600_000);
        assertThat(resolved()).as("once").isFalse();
        stage.crash("web");
        assertThat(incident().times()).isEqualTo(1);
    }

    @Test
    void whatAFormerDaemonLeftOpenIsResolvedByTheFirstStableRun() {
        stage.up(app("web"));
        stage.pass(60_000);
        assertThat(resolved()).isTrue();
    }

    @Test
    void aPersonsStopResolvesAlsoWhereNothingRuns() {
        stage.up(app("web"));
        stage.crash("web").spawn().crash("web");
        assertThat(stage.state("web")).isEqualTo(InstanceState.BACKOFF);
        stage.stop("web");
        assertThat(resolved()).isTrue();
    }

    @Test
    void aShutdownResolvesNothing() {
        stage.up(app("web"));
        stage.crash("web").spawn();
        String run = stage.run("web");
        stage.wish(new Event.ShutdownWish());
        assertThat(resolved()).isFalse();
        stage.exit(run, Exit.ofSignal(15));
        assertThat(resolved()).isFalse();
    }

    @Test
    void aReplacementThatFailedIsOverWhenWhatRunsHasGoneWellSince() {
        stage.up(app("web").startFirst());
        stage.pass(3_600_000);
        stage.apply(app("web").startFirst().command("broken"));
        String replacement = stage.started().getFirst();
        stage.spawn().exit(replacement, Exit.ofCode(1));
        assertThat(incident().consequence()).isEqualTo("the run before it goes on");
        assertThat(resolved()).isFalse();
        stage.pass(60_000);
        assertThat(resolved()).isTrue();
    }

    @Test
    void whoEndsWellWhileItsReplacementComesUpNeedsNoExplanation() {
        stage.up(app("web").startFirst());
        for (int i = 0; i < 10; i++) {
            stage.crash("web");
            if (stage.started().isEmpty()) {
                stage.pass(300_000);
            }
            stage.spawn();
        }
        stage.pass(1000).apply(app("web").startFirst().command("next"));
        assertThat(stage.starts()).containsExactly("web/0");
        stage.exit(stage.run("web"), Exit.ofCode(0));
        assertThat(opened()).isEmpty();
    }

    @Test
    void aServiceThatForksAndExitsHasAnIncidentThatSaysStayInTheForeground() {
        stage.up(app("web"));
        stage.exit(stage.run("web"), forked());
        assertThat(incident().report().hint()).contains("must stay in the foreground");
        assertThat(incident().times()).isEqualTo(1);
    }

    @Test
    void aJobThatLeavesSomethingBehindIsNotRunAgain() {
        stage.apply(app("job").restart(Policy.ON_FAILURE));
        stage.spawn().exit(stage.run("job"), forked());
        assertThat(opened()).isEmpty();
        assertThat(stage.state("job")).isEqualTo(InstanceState.COMPLETED);
        assertThat(stage.effects.toString()).contains(Tale.EXITED).contains("must stay in the foreground");
        assertThat(stage.pass(3_600_000).starts()).isEmpty();
    }

    @Test
    void aServiceThatEndsWellForEverBacksOffIsCrashedAfterTenAndExplained() {
        stage.apply(app("web"));
        long began = stage.now;
        for (int i = 1; i < 10; i++) {
            stage.spawn().exit(stage.run("web"), Exit.ofCode(0));
            assertThat(opened()).as("it ended well").isEmpty();
            assertThat(stage.starts()).as("not at once").isEmpty();
            assertThat(stage.state("web")).isEqualTo(InstanceState.BACKOFF);
            stage.pass(stage.view("web").nextAttempt().orElseThrow() - stage.now);
        }
        assertThat(stage.now - began)
                .as("0.1, 0.2, ... 25.6 s, a tenth more or less")
                .isBetween(45_000L, 57_000L);
        stage.spawn().exit(stage.run("web"), Exit.ofCode(0));
        assertThat(stage.state("web")).isEqualTo(InstanceState.CRASHED);
        assertThat(stage.told()).contains(Tale.CRASHED);
        assertThat(incident().report().detail()).isEqualTo("exited with code 0");
        assertThat(incident().consequence()).isEqualTo("failed 10 times in a row; tried again every 5m");
        assertThat(stage.pass(299_999).starts()).isEmpty();
        assertThat(stage.pass(1).starts()).containsExactly("web/0");
    }
}
