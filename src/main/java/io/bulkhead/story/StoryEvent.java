package io.bulkhead.story;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that happened, as {@code events} shows it.
 *
 * @param seq grows with every event, also across restarts; numbers may be left out; 0 before it is recorded
 * @param timeMillis ms since 1970
 * @param type a word such as {@code started}, {@code exited}, {@code log-trouble}
 * @param app empty for what concerns the daemon itself
 * @param instance -1 for what concerns no single one
 * @param run empty where no run is meant
 * @param fields what else is to be said, in the order of saying: strings, numbers, booleans, lists and maps of them
 */
public record StoryEvent(
        long seq, long timeMillis, String type, String app, int instance, String run, Map<String, Object> fields) {

    /** An event to be recorded. */
    public static StoryEvent of(
            long timeMillis, String type, String app, int instance, String run, Map<String, Object> fields) {
        return new StoryEvent(0, timeMillis, type, app, instance, run, fields);
    }

    StoryEvent withSeq(long number) {
        return new StoryEvent(number, timeMillis, type, app, instance, run, fields);
    }

    /** The object of {@code events --json}, SPEC section 6. Keys that do not apply are left out. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("seq", seq);
        map.put("time", Instant.ofEpochMilli(timeMillis).toString());
        map.put("type", type);
        if (!app.isEmpty()) {
            map.put("app", app);
        }
        if (instance >= 0) {
            map.put("instance", instance);
        }
        if (!run.isEmpty()) {
            map.put("run", run);
        }
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            map.putIfAbsent(field.getKey(), field.getValue());
        }
        return map;
    }
}
