package io.bulkhead.core;

import java.util.OptionalInt;

/**
 * What is known about the end of a run, before anybody says why.
 *
 * @param code exit code 0 to 255, when it exited by itself
 * @param signal number of the signal that ended it
 * @param limitKills processes of its tree that the kernel killed at the compartment's own limit during this run
 * @param sampledKill whether the sampled guard ended it for being over its limit, where the kernel enforces none
 * @param hostKill whether the kernel's record names it as victim of the host running out of memory
 * @param memoryPeakBytes highest use seen, 0 when unknown
 * @param memoryLimitBytes limit in force, 0 without one
 * @param leftBehind processes of the tree that were still there when the program ended, and were ended too
 * @param tail last lines of output, oldest first, at most 20
 */
public record Exit(
        OptionalInt code,
        OptionalInt signal,
        int limitKills,
        boolean sampledKill,
        boolean hostKill,
        long memoryPeakBytes,
        long memoryLimitBytes,
        int leftBehind,
        java.util.List<String> tail) {}
