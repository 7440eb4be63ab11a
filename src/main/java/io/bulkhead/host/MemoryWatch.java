package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.core.MemoryLevel;
import io.bulkhead.linux.Cgroup;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Watches what every run uses and cannot drop, and tells core when it crosses its marks. How often it looks follows from how long the run
 * needs to its next mark at {@link #BAR}, or where the kernel tells of the crossing ({@link MarkNotices}) at twice its own pace; all that is nearly due is looked at in one wake-up of the loop. A look begins
 * with the one figure that is cheap to read and can only be too high, and mostly ends there.
 *
 * <p>Where the kernel keeps no limit the same looks do, more slowly, as each reads the processes one by one: who is above its limit
 * is killed, and {@code status} calls that sampled.
 */
final class MemoryWatch {

    private static final long MIB = 1 << 20;

    /** A run may begin to leak at this pace (bytes a second) between two looks, and must be seen at its mark. */
    private static final long BAR = 64 * MIB;

    private static final long SHORTEST_MILLIS = 20;
    private static final long SHORTEST_SAMPLED_MILLIS = 100;
    private static final long LONGEST_MILLIS = 4_000;
    private static final long LONGEST_SAMPLED_MILLIS = 1_000;

    /** A spike that is over before this is no reason to replace a run that would need longer than {@link #URGENT_MILLIS} to its limit. */
    private static final long CONFIRM_MILLIS = 500;

    private static final long URGENT_MILLIS = 2_000;
    private static final long STEADY_MILLIS = 10_000;

    private final Loop loop;
    private final Runs runs;
    private final Peaks peaks;
    private HostRoom room = bytes -> true;
    private final MarkNotices notices;
    private final DaemonLog log;
    private final Consumer<Event> outcome;
    private Loop.Timer timer;
    private long wakesAt = Long.MAX_VALUE;

    MemoryWatch(Loop loop, Runs runs, Peaks peaks, MarkNotices notices, DaemonLog log, Consumer<Event> outcome) {
        this.peaks = peaks;
        this.notices = notices;
        this.loop = loop;
        this.runs = runs;
        this.log = log;
        this.outcome = outcome;
        this.timer = loop.after(0, () -> {});
    }

    /** A run has begun: the first look at it does not wait for the others. */
    void begun(String run) {
        notices.begun();
        runs.find(run).ifPresent(live -> {
            live.memory = new MemoryTrack(Loop.now());
            live.memory.nextAt = Loop.now() + SHORTEST_SAMPLED_MILLIS;
            wakeAt(live.memory.nextAt);
        });
    }

    /** Looks at every run that is there already, and goes on; {@code room}: whether the host has memory for two. */
    void start(HostRoom room) {
        this.room = room;
        look();
    }

    /** What each app that runs uses and cannot drop, in bytes, by name. */
    Map<String, Long> uses() {
        Map<String, Long> uses = new HashMap<>();
        for (LiveRun run : runs.all()) {
            uses.merge(run.instance.app(), run.memory.held, Long::sum);
        }
        return uses;
    }

    private void wakeAt(long when) {
        if (when < wakesAt) {
            loop.cancel(timer);
            wakesAt = when;
            timer = loop.after(when - Loop.now(), this::look);
        }
    }

    private void look() {
        wakesAt = Long.MAX_VALUE;
        long now = Loop.now();
        long next = Long.MAX_VALUE;
        for (LiveRun run : List.copyOf(runs.all())) {
            if (run.phase != LiveRun.Phase.ALIVE || run.killed || run.compartment.isEmpty()) {
                continue;
            }
            MemoryTrack track = run.memory;
            if (track.nextAt - now <= track.interval / 4) {
                look(run, track, now);
            }
            next = Math.min(next, track.nextAt);
        }
        if (next != Long.MAX_VALUE) {
            wakeAt(Math.max(next, now + SHORTEST_MILLIS));
        }
    }

    private void look(LiveRun run, MemoryTrack track, long now) {
        Compartment home = run.home();
        Cgroup group = home.cgroup;
        Marks marks = Marks.of(run);
        boolean unlimited = marks.limit == Long.MAX_VALUE;
        boolean kernel = group.enforcedByKernel();
        boolean told = kernel && notices.expect(home, marks.mark, () -> crossed(home));
        long bytes;
        try {
            bytes = group.charged();
            told &= bytes < marks.mark && track.reported.isEmpty();
            if (bytes == 0) {
                runs.lookForGroup(run);
            }
            // Page cache is in it: only where it is well below the mark does it say enough.
            if (bytes * 8 > marks.next(track.reported) * 5
                    || track.reported.isPresent()
                    || unlimited
                    || track.needsSample(now, bytes)) {
                bytes = group.held();
                track.looked(now, bytes);
                peaks.saw(run, bytes);
            }
        } catch (IOException gone) {
            if (!track.unreadable) {
                log.info(run.instance + ": its memory cannot be read: " + gone.getMessage());
            }
            track.unreadable = true;
            again(track, now, LONGEST_MILLIS);
            return;
        }
        if (!kernel && bytes > marks.limit) {
            runs.killForSampledLimit(run);
            return;
        }
        if (!run.asked) {
            judge(run, track, marks, bytes, now);
        }
        long pace = Math.max(told ? 1 : BAR, 2 * track.pace());
        long until = (kernel ? marks.next(track.reported) : Math.min(marks.limit, marks.next(track.reported))) - bytes;
        long interval = until <= 0 ? 0 : until > Long.MAX_VALUE / 2000 ? LONGEST_MILLIS : until * 1000 / pace;
        if (track.aboveSince != Long.MAX_VALUE) {
            interval = Math.min(interval, CONFIRM_MILLIS / 5);
        }
        again(
                track,
                now,
                kernel
                        ? Math.clamp(unlimited ? LONGEST_MILLIS : interval, SHORTEST_MILLIS, LONGEST_MILLIS)
                        : Math.clamp(interval, SHORTEST_SAMPLED_MILLIS, LONGEST_SAMPLED_MILLIS));
    }

    /** The kernel has told of its mark. */
    private void crossed(Compartment home) {
        home.run.ifPresent(run -> {
            run.memory.nextAt = Loop.now();
            run.memory.interval = 0;
            wakeAt(run.memory.nextAt);
        });
    }

    private static void again(MemoryTrack track, long now, long millis) {
        track.interval = aligned(now, millis);
        track.nextAt = now + track.interval;
    }

    /** Looks that are far apart come somewhat early, on the same whole seconds, so that one wake-up serves them all. */
    static long aligned(long now, long millis) {
        long grid = millis >= 4000 ? 4000 : millis >= 2000 ? 2000 : 1000;
        long early = (now + millis) % grid;
        return millis >= 1000 && early < millis ? millis - early : millis;
    }

    /**
     * Sizes in bytes at which something is done; {@code Long.MAX_VALUE}: none. The last chance is half way between mark and limit; where
     * {@code node.heap} has put V8's own limit there, it comes before that: V8 would abort, and take its jobs along.
     */
    private record Marks(long mark, long lastChance, long limit) {

        static Marks of(LiveRun run) {
            long limit = run.app.limits().memory().orElse(Long.MAX_VALUE);
            Optional<Long> mark = run.app.memoryWatch().flatMap(watch -> watch.drainAt());
            return mark.isEmpty()
                    ? new Marks(Long.MAX_VALUE, Long.MAX_VALUE, limit)
                    : new Marks(
                            mark.get(),
                            mark.get() + (limit - mark.get()) / (run.app.node().heap() ? 3 : 2),
                            limit);
        }

        /** The one to be looked out for when {@code reported} has been reached. */
        long next(Optional<MemoryLevel> reported) {
            return reported.isEmpty() ? mark : reported.get() == MemoryLevel.DRAIN_MARK ? lastChance : limit;
        }

        Optional<MemoryLevel> reached(long bytes) {
            return bytes >= lastChance
                    ? Optional.of(MemoryLevel.LAST_CHANCE)
                    : bytes >= mark ? Optional.of(MemoryLevel.DRAIN_MARK) : Optional.empty();
        }

        /** So that a run that sways about its mark does not cross it again and again. */
        boolean wellBelow(long bytes) {
            return bytes < mark - mark / 32;
        }
    }

    private void judge(LiveRun run, MemoryTrack track, Marks marks, long bytes, long now) {
        Optional<MemoryLevel> reached = marks.reached(bytes);
        if (track.reported.isPresent() && marks.wellBelow(bytes)) {
            track.reported = Optional.empty();
            track.aboveSince = Long.MAX_VALUE;
            outcome.accept(new Event.MemoryBelowMark(run.id, bytes));
            return;
        }
        boolean news = reached.isPresent()
                && (track.reported.isEmpty() || reached.get().compareTo(track.reported.get()) > 0);
        if (!news) {
            track.aboveSince = Long.MAX_VALUE;
            steady(run, track, bytes, now);
            return;
        }
        track.aboveSince = Math.min(track.aboveSince, now);
        long pace = track.pace();
        boolean urgent = (marks.limit - bytes) * 1000 < pace * URGENT_MILLIS;
        if (!urgent && now - track.aboveSince < CONFIRM_MILLIS) {
            return;
        }
        boolean first = track.reported.isEmpty();
        track.reported = reached;
        track.aboveSince = Long.MAX_VALUE;
        boolean two = room.forOneMore(bytes);
        if (first) {
            track.reportedAt = now;
            track.steadyTold = false;
            track.highestAbove = 0;
            outcome.accept(new Event.MemoryAboveMark(run.id, MemoryLevel.DRAIN_MARK, bytes, track.growth(), two));
        }
        if (reached.get() == MemoryLevel.LAST_CHANCE) {
            outcome.accept(new Event.MemoryAboveMark(run.id, MemoryLevel.LAST_CHANCE, bytes, track.growth(), two));
        }
    }

    private void steady(LiveRun run, MemoryTrack track, long bytes, long now) {
        if (track.reported.isEmpty() || track.steadyTold) {
            return;
        }
        track.highestAbove = Math.max(track.highestAbove, bytes);
        if (track.reported.get() == MemoryLevel.DRAIN_MARK && now - track.reportedAt >= STEADY_MILLIS) {
            track.steadyTold = true;
            outcome.accept(new Event.MemorySteady(run.id, track.highestAbove));
        }
    }
}
