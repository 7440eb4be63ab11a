package io.bulkhead.story;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as history keeps it on disk: any value has a form, and what is damaged reads as nothing. */
final class StoryJson {

    /** What is nested deeper is kept as its text. */
    private static final int DEEPEST = 32;

    private StoryJson() {}

    /** Strings, numbers, booleans, lists and maps; anything else as its text. */
    static String write(Object value) {
        return Json.write(plain(value, 0));
    }

    /** The map in {@code json}; an empty one where there is none. */
    static Map<String, Object> map(String json) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (read(json) instanceof Map<?, ?> read) {
            read.forEach((key, value) -> map.put(String.valueOf(key), known(value)));
        }
        return map;
    }

    /** The strings of the list in {@code json}; none where there is no list. */
    static List<String> strings(String json) {
        List<String> strings = new ArrayList<>();
        if (read(json) instanceof List<?> read) {
            read.forEach(each -> strings.add(String.valueOf(known(each))));
        }
        return strings;
    }

    private static @Nullable Object plain(@Nullable Object value, int depth) {
        return switch (value) {
            case Map<?, ?> map
            when depth < DEEPEST -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((key, each) -> copy.put(String.valueOf(key), plain(each, depth + 1)));
                yield copy;
            }
            case Iterable<?> list
            when depth < DEEPEST -> {
                List<@Nullable Object> copy = new ArrayList<>();
                list.forEach(each -> copy.add(plain(each, depth + 1)));
                yield copy;
            }
            case Double number when number.isNaN() || number.isInfinite() -> number.toString();
            case Number number -> number;
            case Boolean truth -> truth;
            case null -> null;
            default -> value.toString();
        };
    }

    /** Fields have no null. */
    private static Object known(@Nullable Object value) {
        return value == null ? "" : value;
    }

    private static @Nullable Object read(String json) {
        try {
            return Json.readTrusted(json);
        } catch (JsonException damaged) {
            return null;
        }
    }
}
