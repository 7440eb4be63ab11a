package io.bulkhead.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is known about the end of a run, before anybody says why.
 *
 * @param code exit code 0 to 255, when it exited by itself
 * @param signal number of the signal that ended it
 * @param kills processes of its tree that the kernel killed during this run, and that were not told by {@link Event.ChildKilled}
 * @param sampledKill whether the sampled guard ended it for being over its limit, where the kernel enforces none
 * @param memoryPeakBytes highest use seen, 0 when unknown
 * @param memoryLimitBytes limit in force, 0 without one
 * @param leftBehind processes of the tree that were still there when the program ended, and were ended too
 * @param tail last lines of output, oldest first, at most 20
 * @param killsKnown whether the kernel counts or records its kills here, so that no {@code kills} means "no", and not "not known"
 * @param caveat why code and signal are both missing, or are second-hand (the keeper's 128+n), such as "its status could not be
 *     read: permission denied"; or what a program said that is known to say why it ends; else empty
 */
public record Exit(
        OptionalInt code,
        OptionalInt signal,
        KernelKills kills,
        boolean sampledKill,
        long memoryPeakBytes,
        long memoryLimitBytes,
        int leftBehind,
        List<String> tail,
        boolean killsKnown,
        Optional<String> caveat) {

    /** It ended by itself with {@code code}, and nothing else is to be said. */
    public static Exit ofCode(int code) {
        return new Exit(
                OptionalInt.of(code),
                OptionalInt.empty(),
                KernelKills.NONE,
                false,
                0,
                0,
                0,
                List.of(),
                true,
                Optional.empty());
    }

    /** Signal {@code signal} ended it, and nothing else is to be said. */
    public static Exit ofSignal(int signal) {
        return new Exit(
                OptionalInt.empty(),
                OptionalInt.of(signal),
                KernelKills.NONE,
                false,
                0,
                0,
                0,
                List.of(),
                true,
                Optional.empty());
    }

    /** With these kills besides, where it has none of its own. */
    Exit after(KernelKills before) {
        return kills.any()
                ? this
                : new Exit(
                        code,
                        signal,
                        before,
                        sampledKill,
                        memoryPeakBytes,
                        memoryLimitBytes,
                        leftBehind,
                        tail,
                        killsKnown,
                        caveat);
    }

    /** It is gone and nobody can say how. */
    public static Exit unknown(String why) {
        return new Exit(
                OptionalInt.empty(),
                OptionalInt.empty(),
                KernelKills.NONE,
                false,
                0,
                0,
                0,
                List.of(),
                false,
                Optional.of(why));
    }
}
