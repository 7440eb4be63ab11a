package io.bulkhead.host;

import io.bulkhead.core.PeakRecord;
import io.bulkhead.story.StateStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How much memory each app has taken at most, kept across restarts of the daemon. On the loop. */
final class Peaks {

    /** Between two writes for one app. */
    private static final long SAVE_MILLIS = 600_000;

    private static final long LAST_SAVE_SECONDS = 5;

    private static final class Kept {
        final PeakRecord record;
        /** Soon after the first look: a daemon may live shorter than the time between two writes. */
        long saveAt = Loop.now() + SAVE_MILLIS / 60;

        Kept(PeakRecord record) {
            this.record = record;
        }
    }

    private final StateStore state;
    private final DaemonLog log;
    private final Map<String, Kept> byApp = new HashMap<>();

    Peaks(StateStore state, DaemonLog log) {
        this.state = state;
        this.log = log;
    }

    /** A look at what {@code run} holds that cannot be dropped. */
    void saw(LiveRun run, long bytes) {
        String app = run.instance.app();
        Kept kept = kept(app);
        kept.record.add(run.generation, System.currentTimeMillis(), bytes);
        if (Loop.now() >= kept.saveAt && kept.record.isChanged()) {
            save(app, kept);
        }
    }

    PeakRecord of(String app) {
        return kept(app).record;
    }

    /** The app is no more; its file goes with the rest that is remembered of it. */
    void forget(String app) {
        byApp.remove(app);
    }

    /** When the loop has ended, before the daemon does; waits for the disk, but not for a stuck one. */
    void saveAll() {
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        for (Map.Entry<String, Kept> each : byApp.entrySet()) {
            if (each.getValue().record.isChanged()) {
                last = save(each.getKey(), each.getValue());
            }
        }
        try {
            last.get(LAST_SAVE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException stuck) {
            log.warn("the peaks of memory could not be saved: is the disk of the state folder stuck?");
        } catch (InterruptedException | ExecutionException ending) {
            log.info("the peaks of memory may not be saved: " + ending.getMessage());
        }
    }

    /** They are carried out in order: the last one done means all are. */
    private CompletableFuture<Void> save(String app, Kept kept) {
        kept.saveAt = Loop.now() + SAVE_MILLIS;
        CompletableFuture<Void> done = new CompletableFuture<>();
        state.rememberPeaks(app, kept.record.write(), trouble -> {
            trouble.ifPresent(why -> log.info("peaks of " + app + ": " + why));
            done.complete(null);
        });
        return done;
    }

    private Kept kept(String app) {
        Kept known = byApp.get(app);
        if (known == null) {
            known = new Kept(stored(app));
            byApp.put(app, known);
        }
        return known;
    }

    private PeakRecord stored(String app) {
        Optional<String> text = state.peaks(app);
        try {
            return text.isPresent() ? PeakRecord.read(text.get()) : new PeakRecord();
        } catch (IllegalArgumentException damaged) {
            log.warn("the record of the memory peaks of " + app + " cannot be read and begins anew");
            return new PeakRecord();
        }
    }
}
