package io.bulkhead.linux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Kills the members of a group, each held by descriptor and seen in the group again before the signal goes out. */
final class EndAll {

    /** Asks for the group's members. */
    interface Members {
        List<Integer> now() throws IOException;
    }

    private EndAll() {}

    /** Kills everybody but {@code spared}. True when there was nobody. */
    static boolean step(Members members, int... spared) throws IOException {
        return signalAll(members, Signals.KILL, spared) == 0;
    }

    /** Sends {@code signal} to everybody but {@code spared}, and returns how many there were. */
    static int signalAll(Members members, int signal, int... spared) throws IOException {
        List<Pidfd> held = new ArrayList<>();
        try {
            for (int pid : members.now()) {
                if (!contains(spared, pid)) {
                    hold(pid, held);
                }
            }
            if (held.isEmpty()) {
                return 0;
            }
            // Whoever took over a number before it was held is in this list only if it belongs to the group too.
            Set<Integer> still = new HashSet<>(members.now());
            for (Pidfd process : held) {
                if (still.contains(process.pid())) {
                    process.signal(signal);
                }
            }
            return held.size();
        } finally {
            held.forEach(Pidfd::close);
        }
    }

    private static boolean contains(int[] spared, int pid) {
        for (int one : spared) {
            if (one == pid) {
                return true;
            }
        }
        return false;
    }

    private static void hold(int pid, List<Pidfd> held) throws ErrnoException {
        try {
            held.add(Pidfd.open(pid));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
    }
}
