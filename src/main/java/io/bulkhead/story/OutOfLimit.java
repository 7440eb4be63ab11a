package io.bulkhead.story;

import io.bulkhead.core.KernelKills.Where;
import io.bulkhead.core.Words;
import java.util.ArrayList;
import java.util.List;

/** {@code oom-limit}: its compartment, or the pool around it, was full. */
final class OutOfLimit implements Rule {

    private static final long MIB = 1 << 20;

    /** What dies sooner has not begun its work. */
    private static final long START_MILLIS = 10_000;

    @Override
    public List<String> evidence(Death death) {
        List<String> evidence = new ArrayList<>();
        int kills = death.exit().kills().count();
        if (kills > 0) {
            evidence.add("the kernel's counter of kills in its compartment rose by " + kills);
        }
        evidence.addAll(KernelWords.of(death));
        return evidence;
    }

    @Override
    public List<String> advice(Death death) {
        if (death.exit().kills().any() && death.exit().kills().where() == Where.POOL) {
            String pool = death.exit().kills().pool();
            return List.of("the apps of pool " + pool + " need more together than it has: raise `memory` of pools."
                    + pool + ", or lower the greediest one's own `memory`");
        }
        long limit = death.exit().memoryLimitBytes();
        if (limit == 0) {
            return List.of();
        }
        if (death.usual().isPresent()) {
            return List.of(fromPeaks(death.usual().get(), limit));
        }
        String more = "memory: " + next(limit) / MIB + "M";
        long lived = death.told().livedMillis();
        return lived < START_MILLIS
                ? List.of("it reached the limit " + Words.time(lived) + " after its start, so it may need more than "
                        + Words.bytes(limit) + " to work at all: write `" + more + "`")
                : List.of(
                        "it took " + Words.time(lived)
                                + " to fill its limit: look for what it keeps and never gives back",
                        "if it really needs more, write `" + more + "`");
    }

    /** Better than a multiple of the limit, which says nothing of what the program needs. */
    static String fromPeaks(UsualPeak usual, long limit) {
        String known = "its peak was " + Words.bytes(usual.bytes()) + " in the " + usual.hours() + " hours before";
        return usual.fitting() > limit
                ? known + ": write `memory: " + usual.fitting() / MIB
                        + "M`, which leaves it the headroom it should have"
                : known + ", which its limit has room for: look for what made it grow this time; a higher limit would"
                        + " only put the end off";
    }

    /** Half as much again, in steps that one would write. */
    static long next(long limit) {
        long wanted = limit + limit / 2;
        long step = wanted < 256 * MIB ? 16 * MIB : 64 * MIB;
        return Math.ceilDiv(wanted, step) * step;
    }
}
