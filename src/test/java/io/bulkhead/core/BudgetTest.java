package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Budget.Means;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BudgetTest {

    private static final long M = 1L << 20;
    private static final Means TWO_GIG = new Means(2048 * M, 307 * M, 410 * M);

    private static Budget budget(Means means, Map<String, Long> pools, Map<String, Long> use, Apps... apps) {
        List<AppSpec> specs = new ArrayList<>();
        for (Apps app : apps) {
            specs.add(app.build());
        }
        return Budget.of(specs, pools, means, use);
    }

    @Test
    void theSumIsWrittenOutLineByLine() {
        Budget budget = budget(
                TWO_GIG,
                Map.of(),
                Map.of("cron", 80 * M),
                app("api").instances(2).memory(512 * M).startFirst(),
                app("worker").memory(256 * M),
                app("cron"),
                app("later"));
        assertThat(budget.lines())
                .containsExactly(
                        "api: 2 × 512M = 1024M",
                        "worker: 256M",
                        "cron: no limit, counted with what it uses now = 80M",
                        "later: no limit, and it does not run yet: counted with 0M",
                        "one more api while it is replaced (start-first): 512M",
                        "RAM 2048M − 410M = 1638M (reserve 307M = 15 %, outside now 410M: the larger counts)",
                        "= 1872M of 1638M: 234M too much");
        assertThat(budget.wanted()).isEqualTo(1872 * M);
        assertThat(budget.isOver()).isTrue();
        assertThat(budget.withoutSecond()).containsExactly("api");
    }

    @Test
    void overBudgetIsAWarningAndAnErrorWhereItIsToBeRefused() {
        Budget budget =
                budget(TWO_GIG, Map.of(), Map.of(), app("a").instances(4).memory(512 * M));
        Finding warning = budget.findings(false).getFirst();
        assertThat(warning.isError()).isFalse();
        assertThat(warning.message()).endsWith("2048M of 1638M: 410M too much");
        assertThat(warning.evidence()).isEqualTo(budget.lines());
        Finding refusal = budget.findings(true).getFirst();
        assertThat(refusal.isError()).isTrue();
        assertThat(refusal.fix()).contains("--force");
        assertThat(refusal.toMap())
                .containsEntry("check", "memory-budget")
                .containsEntry("severity", "error")
                .containsEntry("app", "");
    }

    @Test
    void whatJustFitsIsFine() {
        Budget budget = budget(TWO_GIG, Map.of(), Map.of(), app("a").memory(1638 * M));
        assertThat(budget.isOver()).isFalse();
        assertThat(budget.findings(true)).isEmpty();
        assertThat(budget.verdict()).isEqualTo("1638M of 1638M: 0M to spare");
    }

    @Test
    void theReserveCountsWhereLittleRunsOutside() {
        Budget budget = budget(new Means(2048 * M, 307 * M, 100 * M), Map.of(), Map.of(), app("a").memory(100 * M));
        assertThat(budget.means().forApps()).isEqualTo(1741 * M);
        assertThat(budget.lines())
                .contains("RAM 2048M − 307M = 1741M (reserve 307M = 15 %, outside now 100M: the larger counts)");
    }

    /** Scaled to nothing it has no generation at all; `restart` once waited for ever for this sum. */
    @Test
    void anAppWithoutInstancesHasNoSecondGeneration() {
        Budget budget =
                budget(TWO_GIG, Map.of(), Map.of(), app("none").instances(0).startFirst());
        assertThat(budget.wanted()).isZero();
        assertThat(budget.withoutSecond()).isEmpty();
    }

    @Test
    void aPoolBoundsItsApps() {
        Budget budget = budget(
                TWO_GIG,
                Map.of("workers", 1024 * M, "small", 300 * M),
                Map.of("free", 900 * M),
                app("one").memory(700 * M).pool("workers").startFirst(),
                app("two").memory(700 * M).pool("workers"),
                app("free").pool("small"),
                app("three").memory(200 * M).startFirst());
        assertThat(budget.wanted()).isEqualTo((1024 + 300 + 200 + 200) * M);
        assertThat(budget.lines())
                .contains(
                        "one: 700M, in pool workers",
                        "pool workers (one, two): no more than 1024M",
                        "pool small (free): no more than 300M",
                        "one more three while it is replaced (start-first): 200M");
    }

    @Test
    void aSecondGenerationInsideAPoolTakesWhatThePoolHasLeft() {
        Budget budget = budget(
                TWO_GIG,
                Map.of("workers", 1024 * M),
                Map.of(),
                app("one").memory(700 * M).pool("workers").startFirst());
        assertThat(budget.wanted()).isEqualTo(1024 * M);
        assertThat(budget.lines()).contains("pool workers (one): at most 1024M, wants 700M");
    }

    @Test
    void oneLimitAloneAboveRamWithoutTheReserveIsAnError() {
        Budget budget = budget(
                TWO_GIG,
                Map.of(),
                Map.of(),
                app("big").memory(1742 * M),
                app("ok").memory(M));
        assertThat(budget.aboveAll()).containsExactly("big");
        Finding error = budget.findings(false).getFirst();
        assertThat(error.isError()).isTrue();
        assertThat(error.app()).isEqualTo("big");
        assertThat(error.message()).contains("1741M", "2048M", "307M");
    }

    /** What runs outside may come and go: it makes a warning, never the error. */
    @Test
    void aLimitBelowTheCeilingIsNoErrorHoweverMuchRunsOutside() {
        Budget budget = budget(new Means(2048 * M, 307 * M, 1900 * M), Map.of(), Map.of(), app("a").memory(500 * M));
        assertThat(budget.aboveAll()).isEmpty();
        assertThat(budget.isOver()).isTrue();
    }

    @Test
    void onlyTheLargestOverlapCounts() {
        Budget budget = budget(
                TWO_GIG,
                Map.of(),
                Map.of("free", 300 * M),
                app("a").memory(100 * M).startFirst(),
                app("b").memory(200 * M).startFirst(),
                app("free").instances(3).startFirst(),
                app("c").memory(600 * M));
        assertThat(budget.wanted()).isEqualTo((100 + 200 + 300 + 600 + 200) * M);
        assertThat(budget.withoutSecond()).isEmpty();
    }

    @Test
    void noAppsAndNoRamAreNoAccident() {
        assertThat(budget(TWO_GIG, Map.of(), Map.of()).isOver()).isFalse();
        assertThat(budget(new Means(0, 0, 0), Map.of(), Map.of()).lines()).hasSize(2);
    }
}
