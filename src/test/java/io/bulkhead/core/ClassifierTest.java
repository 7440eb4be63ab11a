package io.bulkhead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Classifier.Ours;
import io.bulkhead.spec.AppSpec.Backoff;
import io.bulkhead.spec.AppSpec.Restart;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClassifierTest {

    private static final long LIMIT = 128L << 20;

    private static Exit killed(int limitKills, boolean sampled, boolean host, boolean readable) {
        return killed(
                host ? new KernelKills(1, KernelKills.Where.HOST, "") : KernelKills.ownLimit(limitKills),
                sampled,
                readable);
    }

    private static Exit killed(KernelKills kills, boolean sampled, boolean readable) {
        return new Exit(
                OptionalInt.empty(),
                OptionalInt.of(9),
                kills,
                sampled,
                LIMIT,
                LIMIT,
                0,
                List.of(),
                readable,
                Optional.empty());
    }

    private static Exit withTail(OptionalInt code, OptionalInt signal, String... tail) {
        return new Exit(code, signal, KernelKills.NONE, false, 0, 0, 0, List.of(tail), true, Optional.empty());
    }

    private static Restart restart(Policy policy, Integer... successCodes) {
        return new Restart(policy, Set.of(successCodes), new Backoff(Duration.ZERO, Duration.ZERO, Duration.ZERO, 0));
    }

    private static ExitReport of(Exit exit) {
        return Classifier.classify(exit, Ours.NOTHING, restart(Policy.ALWAYS, 0));
    }

    @Test
    void theKernelsKillAtItsOwnLimit() {
        ExitReport report = of(killed(1, false, false, true));
        assertThat(report.cause()).isEqualTo(ExitCause.OOM_LIMIT);
        assertThat(report.detail()).isEqualTo("killed by the kernel at its limit of 128 MiB");
        assertThat(report.signal()).isEqualTo("SIGKILL");
        assertThat(report.failure()).isTrue();
    }

    @Test
    void theSampledGuardSaysThatTheKernelDidNothing() {
        assertThat(of(killed(0, true, false, false)).detail())
                .isEqualTo("ended for being over its limit of 128 MiB (sampled, not enforced by the kernel)");
    }

    @Test
    void theHostRanOutOfMemory() {
        assertThat(of(killed(0, false, true, true)).cause()).isEqualTo(ExitCause.OOM_HOST);
    }

    @Test
    void somebodyElsesKillIsNamedOnlyWhereTheKernelsRecordSaysNo() {
        assertThat(of(killed(0, false, false, true)).cause()).isEqualTo(ExitCause.KILLED_BY_OTHER);
        ExitReport unknown = of(killed(0, false, false, false));
        assertThat(unknown.cause()).isEqualTo(ExitCause.UNKNOWN);
        assertThat(unknown.detail()).contains("lets nobody read the kernel's record");
        assertThat(unknown.failure()).isTrue();
    }

    @Test
    void v8OutOfHeapIsKnownByItsLastWords() {
        String words = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory";
        assertThat(of(withTail(OptionalInt.empty(), OptionalInt.of(6), "<--- Last few GCs --->", words))
                        .cause())
                .isEqualTo(ExitCause.HEAP_LIMIT);
        assertThat(of(withTail(OptionalInt.of(134), OptionalInt.empty(), words)).cause())
                .as("below a shell")
                .isEqualTo(ExitCause.HEAP_LIMIT);
        assertThat(of(withTail(OptionalInt.empty(), OptionalInt.of(6), "assertion failed"))
                        .cause())
                .isEqualTo(ExitCause.SIGNAL);
        assertThat(of(withTail(OptionalInt.of(1), OptionalInt.empty(), words)).cause())
                .isEqualTo(ExitCause.EXITED);
    }

    @Test
    void whatWeAskedForIsNoFailure() {
        ExitReport obeyed = Classifier.classify(Exit.ofSignal(15), Ours.ASKED, restart(Policy.ALWAYS, 0));
        assertThat(obeyed.cause()).isEqualTo(ExitCause.STOPPED);
        assertThat(obeyed.detail()).isEqualTo("stopped as asked (SIGTERM)");
        assertThat(obeyed.failure()).isFalse();
        ExitReport forced = Classifier.classify(Exit.ofSignal(9), Ours.KILLED, restart(Policy.ALWAYS, 0));
        assertThat(forced.cause()).isEqualTo(ExitCause.KILLED_BY_US);
        assertThat(Classifier.classify(Exit.ofCode(0), Ours.KILLED, restart(Policy.ALWAYS, 0))
                        .cause())
                .as("it obeyed just before the kill")
                .isEqualTo(ExitCause.STOPPED);
        assertThat(Classifier.classify(killed(1, false, false, true), Ours.ASKED, restart(Policy.ALWAYS, 0))
                        .cause())
                .as("it hit its limit while it drained")
                .isEqualTo(ExitCause.OOM_LIMIT);
    }

    @Test
    void successCodesAreTheAppsOwn() {
        assertThat(Classifier.classify(Exit.ofCode(3), Ours.NOTHING, restart(Policy.ALWAYS, 0, 3))
                        .failure())
                .isFalse();
        assertThat(of(Exit.ofCode(3)).failure()).isTrue();
        assertThat(of(Exit.ofCode(3)).detail()).isEqualTo("exited with code 3");
    }

    @Test
    void aSignalIsNamed() {
        assertThat(of(Exit.ofSignal(11)).signal()).isEqualTo("SIGSEGV");
        assertThat(of(Exit.ofSignal(11)).cause()).isEqualTo(ExitCause.SIGNAL);
    }

    @Test
    void anUnreadStatusIsUnknownAndSaysWhy() {
        ExitReport report = of(Exit.unknown("its keeper was killed"));
        assertThat(report.cause()).isEqualTo(ExitCause.UNKNOWN);
        assertThat(report.detail()).isEqualTo("ended, cause unknown: its keeper was killed");
        assertThat(report.failure()).isTrue();
    }

    private static Exit leaving(int code, int leftBehind) {
        return new Exit(
                OptionalInt.of(code),
                OptionalInt.empty(),
                KernelKills.NONE,
                false,
                0,
                0,
                leftBehind,
                List.of(),
                true,
                Optional.empty());
    }

    @Test
    void aServiceThatForksAndExitsHasFailedAndIsToldToStayInTheForeground() {
        ExitReport report = of(leaving(0, 1));
        assertThat(report.failure()).isTrue();
        assertThat(report.detail()).isEqualTo("exited with code 0 and left a process behind");
        assertThat(report.hint()).contains("must stay in the foreground");
    }

    @ParameterizedTest
    @EnumSource(
            value = Policy.class,
            names = {"ON_FAILURE", "NEVER"})
    void aJobThatLeavesSomethingBehindHasDoneItsWork(Policy policy) {
        ExitReport report = Classifier.classify(leaving(0, 2), Ours.NOTHING, restart(policy, 0));
        assertThat(report.failure()).isFalse();
        assertThat(report.detail()).isEqualTo("exited with code 0 and left 2 processes behind");
        assertThat(report.hint()).contains("must stay in the foreground");
    }

    @Test
    void aCrashThatLeavesWorkersBehindIsNoFork() {
        ExitReport report = of(leaving(1, 4));
        assertThat(report.failure()).isTrue();
        assertThat(report.detail()).isEqualTo("exited with code 1 and left 4 processes behind");
        assertThat(report.hint()).isEmpty();
    }

    @Test
    void aProgramThatEndsWellUnderRestartAlwaysIsToldOfOnFailure() {
        assertThat(of(Exit.ofCode(0)).failure()).isFalse();
        assertThat(of(Exit.ofCode(0)).hint()).contains("restart: on-failure");
    }

    @Test
    void theShellsOwnCodesAreExplained() {
        assertThat(of(Exit.ofCode(127)).hint()).contains("does not find the program");
        assertThat(of(Exit.ofCode(126)).hint()).contains("may not be executed");
        assertThat(of(Exit.ofCode(1)).hint()).isEmpty();
    }
}
