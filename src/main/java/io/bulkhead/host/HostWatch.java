package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.linux.HostPressure;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Watches the memory of the whole host and tells core when it runs short, before the kernel chooses a victim of its own. Judged by what is
 * available, which page cache does not lessen:
 *
 * <ul>
 *   <li>less than a third of {@code server.reserve} is available: 5 % of RAM unless another reserve is written. That is what
 *       earlyoom kills at; a graceful stop needs its time too. Not below 32 MiB, under which sshd and a shell no longer start, and not
 *       above 1 GiB.
 *   <li>apps together are about to reach the limit around all of them (RAM without the reserve), where the kernel would choose among them.
 *   <li>the reserve is touched and the host stalls for it: every task waits for memory for more than a tenth of the time (PSI full avg10 over
 *       10 %), or, where there is no PSI, pages come back from swap by more than {@link #SWAP_IN_PAGES} a second. Neither alone: one app at
 *       its own limit stalls just so.
 * </ul>
 *
 * <p>Looked at every five seconds on a host that has plenty, up to twenty times a second on one that is about to have none, and
 * four times while it is short.
 */
final class HostWatch implements HostRoom {

    private static final long MIB = 1 << 20;
    private static final long LEAST = 32 * MIB;
    private static final long MOST = 1024 * MIB;
    private static final double STALLED_PERCENT = 10;
    /** 2 MiB a second. */
    private static final long SWAP_IN_PAGES = 512;

    /** Memory that something unlimited may take in a second. */
    private static final long BAR = 256 * MIB;

    private static final long SHORTEST_MILLIS = 50;
    private static final long SHORT_MILLIS = 250;
    private static final long LONGEST_MILLIS = 5_000;
    private static final long REPEAT_MILLIS = 1_000;

    /** What was seen in one look. */
    record Sight(HostMemory memory, HostPressure pressure, long usedByApps) {}

    private final Loop loop;
    private final CgroupHost cgroups;
    private final LongSupplier reserve;
    private final Supplier<Map<String, Long>> uses;
    private final Consumer<Event> outcome;
    private boolean isShort;
    private int shortLooks;
    private long lastTold;
    private long swappedIn = -1;
    private long lookedAt;

    /**
     * @param reserve bytes, as configured now
     * @param uses what each app uses, by name; empty when none runs
     */
    HostWatch(
            Loop loop,
            CgroupHost cgroups,
            LongSupplier reserve,
            Supplier<Map<String, Long>> uses,
            Consumer<Event> outcome) {
        this.loop = loop;
        this.cgroups = cgroups;
        this.reserve = reserve;
        this.uses = uses;
        this.outcome = outcome;
    }

    void start() {
        loop.after(LONGEST_MILLIS / 5, this::look);
    }

    @Override
    public boolean forOneMore(long bytes) {
        HostMemory memory = HostMemory.read();
        long used = used(uses.get());
        return memory.available() - bytes > floor(memory) && appRoom(memory, used) > bytes;
    }

    private void look() {
        Map<String, Long> byApp = uses.get();
        if (byApp.isEmpty() && !isShort) {
            loop.after(LONGEST_MILLIS, this::look);
            return;
        }
        Sight sight = new Sight(HostMemory.read(), HostPressure.read(), used(byApp));
        long now = Loop.now();
        judge(sight, byApp, now);
        swappedIn = sight.pressure.swappedIn();
        lookedAt = now;
        long room = Math.min(sight.memory.available() - floor(sight.memory), appRoom(sight.memory, sight.usedByApps));
        long interval = isShort || shortLooks > 0
                ? SHORT_MILLIS
                : Math.clamp(Math.max(0, room) * 1000 / BAR, SHORTEST_MILLIS, LONGEST_MILLIS);
        loop.after(MemoryWatch.aligned(now, interval), this::look);
    }

    private void judge(Sight sight, Map<String, Long> byApp, long now) {
        Optional<String> trouble = trouble(sight, now, 1);
        if (trouble.isEmpty()) {
            shortLooks = 0;
            if (isShort && trouble(sight, now, 1.5).isEmpty()) {
                isShort = false;
                outcome.accept(new Event.HostEasy(available(sight)));
            }
            return;
        }
        shortLooks++;
        boolean sure = isShort || shortLooks > 1 || available(sight) < floor(sight.memory) / 2;
        if (sure && (!isShort || now - lastTold >= REPEAT_MILLIS)) {
            isShort = true;
            lastTold = now;
            outcome.accept(new Event.HostShort(available(sight), trouble.get(), byApp));
        }
    }

    /** What is wrong, in words; {@code margin} above 1 asks for more than enough, so that the host does not waver. */
    private Optional<String> trouble(Sight sight, long now, double margin) {
        HostMemory memory = sight.memory;
        if (memory.available() < floor(memory) * margin) {
            return Optional.of(Doctor.mebibytes(memory.available()) + " of " + Doctor.mebibytes(memory.total())
                    + " are available");
        }
        long rest = memory.total() - reserve.getAsLong();
        if (appRoom(memory, sight.usedByApps) < appFloor(rest) * (margin - 1)) {
            return Optional.of("apps use " + Doctor.mebibytes(sight.usedByApps) + " of the " + Doctor.mebibytes(rest)
                    + " that server.reserve leaves them");
        }
        if (memory.available() >= reserve.getAsLong() * margin) {
            return Optional.empty();
        }
        String touched = ", with " + Doctor.mebibytes(memory.available()) + " available";
        if (sight.pressure.full().isPresent()) {
            double full = sight.pressure.full().getAsDouble();
            return full > STALLED_PERCENT / margin
                    ? Optional.of(
                            "everything waited for memory for " + Math.round(full) + " % of the last 10 s" + touched)
                    : Optional.empty();
        }
        long perSecond = swappedIn < 0 || now <= lookedAt
                ? 0
                : (sight.pressure.swappedIn() - swappedIn) * 1000 / (now - lookedAt);
        return perSecond > SWAP_IN_PAGES / margin
                ? Optional.of(perSecond / 256 + " MiB a second come back from swap" + touched)
                : Optional.empty();
    }

    private long available(Sight sight) {
        return Math.max(0, Math.min(sight.memory.available(), appRoom(sight.memory, sight.usedByApps)));
    }

    /** Available memory below which the host is short. */
    private long floor(HostMemory memory) {
        return Math.min(Math.clamp(reserve.getAsLong() / 3, LEAST, MOST), memory.total() / 4);
    }

    /** What apps may still take before they come near the limit around all of them. */
    private long appRoom(HostMemory memory, long used) {
        long rest = memory.total() - reserve.getAsLong();
        return rest <= 0 ? Long.MAX_VALUE : rest - appFloor(rest) - used;
    }

    /** A twentieth of what apps may use, within bounds, is left for the way to a graceful stop. */
    private static long appFloor(long rest) {
        return Math.clamp(rest / 20, LEAST / 2, MOST / 4);
    }

    /** The kernel's sum is of now; who has no limit was last looked at seconds ago. */
    private long used(Map<String, Long> byApp) {
        return Math.max(sum(byApp), cgroups.held().orElse(0));
    }

    private static long sum(Map<String, Long> byApp) {
        long sum = 0;
        for (long each : byApp.values()) {
            sum += each;
        }
        return sum;
    }
}
