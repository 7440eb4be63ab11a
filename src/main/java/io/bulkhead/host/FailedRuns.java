package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Tale;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The runs that failed last, so that whoever asked for them is shown what they said. On the loop. */
final class FailedRuns {

    private static final int MOST_KEPT = 64;
    private static final int MOST_SHOWN = 4;
    private static final int LINES = 16;
    private static final long PATIENCE_MILLIS = 1_000;

    private record Failed(InstanceId instance, String run, long at) {}

    private final Runs runs;
    private final Autopsy autopsy;
    private final LogTails tails;
    /** The last of each instance. */
    private final Map<InstanceId, Failed> failed = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InstanceId, Failed> eldest) {
            return size() > MOST_KEPT;
        }
    };

    FailedRuns(Runs runs, Autopsy autopsy, LogTails tails) {
        this.runs = runs;
        this.autopsy = autopsy;
        this.tails = tails;
    }

    void told(Effect.Tell tell) {
        String run = "";
        if (tell.type().equals(Tale.KEPT)) {
            run = String.valueOf(tell.fields().get("failed"));
        } else if (tell.type().equals(Tale.EXITED)
                && Boolean.TRUE.equals(tell.fields().get("failure"))) {
            run = tell.run();
        }
        if (!run.isEmpty()) {
            InstanceId instance = new InstanceId(tell.app(), tell.instance());
            failed.remove(instance);
            failed.put(instance, new Failed(instance, run, Loop.now()));
        }
    }

    /** What those said last that failed since {@code at}: objects of {@code instance}, {@code run} and {@code lines}. Soon, on any thread. */
    CompletableFuture<List<Object>> lastWords(long at) {
        List<CompletableFuture<Map<String, @Nullable Object>>> all = new ArrayList<>();
        for (Failed one : failed.values()) {
            if (one.at >= at && all.size() < MOST_SHOWN) {
                all.add(lastWords(one));
            }
        }
        return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).thenApply(done -> {
            List<Object> said = new ArrayList<>();
            all.forEach(each -> said.add(each.join()));
            return said;
        });
    }

    private CompletableFuture<Map<String, @Nullable Object>> lastWords(Failed one) {
        CompletableFuture<List<String>> lines = new CompletableFuture<>();
        runs.find(one.run)
                .or(() -> autopsy.find(one.run))
                .filter(run -> run.compartment.isPresent())
                .ifPresentOrElse(run -> tails.soFar(run, lines::complete), () -> lines.complete(List.of()));
        return lines.completeOnTimeout(List.of(), PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .thenApply(said -> {
                    Map<String, @Nullable Object> document = new LinkedHashMap<>();
                    document.put("instance", one.instance.toString());
                    document.put("run", one.run);
                    document.put("lines", said.subList(Math.max(0, said.size() - LINES), said.size()));
                    return document;
                });
    }
}
