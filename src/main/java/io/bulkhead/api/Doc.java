package io.bulkhead.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object, asked for members of a wished type. A member that is absent, null or of another type gives the empty
 * answer of that type, so that a newer or older daemon's documents can still be shown.
 */
public record Doc(Map<String, @Nullable Object> members) {

    public static final Doc EMPTY = new Doc(new LinkedHashMap<>());

    /** {@code value} as an object, or the empty one. */
    @SuppressWarnings("unchecked") // keys of parsed objects are strings
    public static Doc of(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? new Doc((Map<String, @Nullable Object>) map) : EMPTY;
    }

    /** Each object of {@code value}, where it is an array. */
    public static List<Doc> list(@Nullable Object value) {
        List<Doc> docs = new ArrayList<>();
        if (value instanceof List<?> items) {
            for (Object item : items) {
                if (item instanceof Map) {
                    docs.add(of(item));
                }
            }
        }
        return docs;
    }

    public boolean has(String key) {
        return members.get(key) != null;
    }

    /** The text, number or boolean as text; "" without one. */
    public String text(String key) {
        Object value = members.get(key);
        return value == null || value instanceof Map || value instanceof List ? "" : value.toString();
    }

    public long number(String key, long otherwise) {
        return members.get(key) instanceof Number number ? number.longValue() : otherwise;
    }

    public double decimal(String key, double otherwise) {
        return members.get(key) instanceof Number number ? number.doubleValue() : otherwise;
    }

    public boolean flag(String key) {
        return Boolean.TRUE.equals(members.get(key));
    }

    public Doc doc(String key) {
        return of(members.get(key));
    }

    public List<Doc> docs(String key) {
        return list(members.get(key));
    }

    /** The texts of an array; a single text counts as an array of one. */
    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        Object value = members.get(key);
        if (value instanceof List<?> items) {
            for (Object item : items) {
                if (item != null && !(item instanceof Map) && !(item instanceof List)) {
                    texts.add(item.toString());
                }
            }
        } else if (value instanceof String text) {
            texts.add(text);
        }
        return texts;
    }
}
