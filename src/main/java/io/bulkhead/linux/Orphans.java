package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntPredicate;

/**
 * Buries children that nobody else will: as process 1 of a container every orphan becomes ours (wait(2)). Keepers are our own and
 * are left to their owner.
 */
public final class Orphans {

    private static final Native.Call WAITID = Native.bind("waitid", 4);
    private static final Native.Call GETPID = Native.bind("getpid", 0);

    private static final int P_ALL = 0;
    private static final int P_PID = 1;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x01000000;
    private static final int SIGINFO_SIZE = 128;
    private static final int SI_PID = 16;
    private static final int MOST_AT_ONCE = 1000;

    private Orphans() {}

    /** Whether orphans come to us because we are process 1. */
    public static boolean areOurs() {
        return GETPID.quiet() == 1;
    }

    /**
     * Buries every child that has ended, except those that {@code own} claims, and returns how many. Looks through all children of ours
     * in /proc as soon as a claimed one stands first, since the kernel then shows no other.
     */
    public static int reap(IntPredicate own) {
        int buried = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_SIZE, 8);
            while (buried < MOST_AT_ONCE) {
                info.fill((byte) 0);
                if (WAITID.quiet(P_ALL, 0, info.address(), WEXITED | WNOHANG | WNOWAIT) != 0) {
                    return buried;
                }
                int pid = info.get(ValueLayout.JAVA_INT, SI_PID);
                if (pid == 0) {
                    return buried;
                }
                if (own.test(pid)) {
                    return buried + reapOthers(own, info);
                }
                WAITID.quiet(P_PID, pid, info.address(), WEXITED | WNOHANG);
                buried++;
            }
        }
        return buried;
    }

    private static int reapOthers(IntPredicate own, MemorySegment info) {
        int buried = 0;
        for (int pid : Proc.HOST.children(GETPID.quiet())) {
            info.fill((byte) 0);
            if (!own.test(pid)
                    && WAITID.quiet(P_PID, pid, info.address(), WEXITED | WNOHANG) == 0
                    && info.get(ValueLayout.JAVA_INT, SI_PID) == pid) {
                buried++;
            }
        }
        return buried;
    }
}
