package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.core.Cause;
import io.bulkhead.core.ExitCause;
import io.bulkhead.core.ExitReport;
import io.bulkhead.core.InstanceMemory;
import io.bulkhead.core.LastExit;
import io.bulkhead.core.RolloutMemory;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.SpecReader;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What core wants remembered across the lives of the daemon, as small JSON texts and back. What cannot be read is as good as not remembered. */
final class Memories {

    private Memories() {}

    /** @param run the one that lived when this was so; empty for none */
    static String write(InstanceMemory memory, String run) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("run", run);
        fields.put("boot", ProcessIdentity.currentBoot());
        fields.put("restarts", memory.restarts());
        fields.put("last_exit", memory.lastExit().map(Memories::exit).orElse(null));
        fields.put("completed", memory.completed());
        fields.put("gave_up", memory.gaveUp());
        fields.put("crashes", memory.crashes());
        Map<String, @Nullable Object> incidents = new LinkedHashMap<>();
        memory.incidents().forEach((cause, times) -> incidents.put(cause.name(), times));
        fields.put("incidents", incidents);
        return Json.write(fields);
    }

    private static Map<String, @Nullable Object> exit(LastExit exit) {
        ExitReport report = exit.report();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("run", exit.run());
        fields.put("time", exit.wallMillis());
        fields.put("cause", report.cause().name());
        fields.put("code", report.code().isPresent() ? report.code().getAsInt() : null);
        fields.put("signal", report.signal());
        fields.put("detail", report.detail());
        fields.put("hint", report.hint());
        fields.put("failure", report.failure());
        return fields;
    }

    /** A job that was done in an earlier boot of the host is to be done again. */
    static Optional<InstanceMemory> instance(String text) {
        try {
            Doc fields = Doc.of(Json.readTrusted(text));
            boolean sameBoot = fields.text("boot").equals(ProcessIdentity.currentBoot());
            Map<ExitCause, Integer> incidents = new EnumMap<>(ExitCause.class);
            for (String cause : fields.doc("incidents").members().keySet()) {
                incidents.put(
                        ExitCause.valueOf(cause), (int) fields.doc("incidents").number(cause, 1));
            }
            return Optional.of(new InstanceMemory(
                    (int) fields.number("restarts", 0),
                    fields.has("last_exit") ? Optional.of(exit(fields.doc("last_exit"))) : Optional.empty(),
                    sameBoot && fields.flag("completed"),
                    sameBoot && fields.flag("gave_up"),
                    (int) fields.number("crashes", 0),
                    incidents));
        } catch (JsonException | IllegalArgumentException otherForm) {
            return Optional.empty();
        }
    }

    /** Whether {@code note} was written when {@code run} lived already. */
    static boolean knows(String note, String run) {
        try {
            return Doc.of(Json.readTrusted(note)).text("run").equals(run);
        } catch (JsonException otherForm) {
            return false;
        }
    }

    /** What {@code note} says, where the daemon had no time to note a run that says itself how often its instance had been started again. */
    static InstanceMemory corrected(Optional<String> note, int restarts) {
        InstanceMemory known = note.flatMap(Memories::instance).orElse(InstanceMemory.NONE);
        return new InstanceMemory(restarts, known.lastExit(), false, false, known.crashes(), known.incidents());
    }

    private static LastExit exit(Doc fields) {
        return new LastExit(
                fields.text("run"),
                fields.number("time", 0),
                new ExitReport(
                        ExitCause.valueOf(fields.text("cause")),
                        fields.has("code") ? OptionalInt.of((int) fields.number("code", 0)) : OptionalInt.empty(),
                        fields.text("signal"),
                        fields.text("detail"),
                        fields.text("hint"),
                        fields.flag("failure")));
    }

    static String write(RolloutMemory memory) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("app", memory.app());
        fields.put("cause", memory.cause().name());
        fields.put("prepared", memory.prepared());
        fields.put("waiting", List.copyOf(new TreeSet<>(memory.waiting())));
        fields.put("former", memory.former().map(AppSpec::source).orElse(null));
        fields.put("since", memory.sinceWallMillis());
        fields.put("watched_until", memory.watchedUntilWallMillis());
        return Json.write(fields);
    }

    static Optional<RolloutMemory> rollout(String text) {
        try {
            Doc fields = Doc.of(Json.readTrusted(text));
            Set<Integer> waiting = new TreeSet<>();
            if (fields.members().get("waiting") instanceof List<?> indices) {
                for (Object index : indices) {
                    waiting.add(((Number) index).intValue());
                }
            }
            String app = fields.text("app");
            Optional<AppSpec> former = fields.has("former")
                    ? Optional.of(SpecReader.restore(app, fields.text("former")))
                    : Optional.empty();
            return Optional.of(new RolloutMemory(
                    app,
                    Cause.valueOf(fields.text("cause")),
                    fields.flag("prepared"),
                    Set.copyOf(waiting),
                    former,
                    fields.number("since", 0),
                    fields.number("watched_until", 0)));
        } catch (JsonException | RuntimeException otherForm) {
            return Optional.empty();
        }
    }

    static OptionalInt number(String text) {
        try {
            return OptionalInt.of(Integer.parseInt(text.strip()));
        } catch (NumberFormatException otherForm) {
            return OptionalInt.empty();
        }
    }
}
