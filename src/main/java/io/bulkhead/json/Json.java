package io.bulkhead.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * JSON (RFC 8259) to and from plain values: {@code Map<String, ?>}, {@code List<?>}, {@code String}, {@code Long},
 * {@code Double}, {@code Boolean} and null. A reading has bounds on depth and number of values, so that a hostile text of
 * a given size cannot become objects of many times that size. What is written is YAML 1.2 as well.
 */
public final class Json {

    /** Deepest nesting that is read or written. */
    public static final int MAX_DEPTH = 64;

    /** Values (members of arrays and objects included) read from a text that may be hostile. */
    public static final int MAX_VALUES = 20_000;

    private Json() {}

    /** @throws JsonException with line and column, also for more than {@link #MAX_VALUES} values */
    public static @Nullable Object read(byte[] utf8) throws JsonException {
        try {
            return read(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new JsonException("not UTF-8", 1, 1);
        }
    }

    /** @throws JsonException with line and column, also for more than {@link #MAX_VALUES} values */
    public static @Nullable Object read(String text) throws JsonException {
        return new JsonReader(text, MAX_VALUES, false).document();
    }

    /** Like {@link #read(String)} for a text from our own daemon, which may have any number of values. */
    public static @Nullable Object readTrusted(String text) throws JsonException {
        return new JsonReader(text, Integer.MAX_VALUE, false).document();
    }

    /** Like {@link #read(String)} for a file that JavaScript reads too: of two equal keys the last one counts, and {@code mostValues} is its bound. */
    public static @Nullable Object readAsJavaScript(String text, int mostValues) throws JsonException {
        return new JsonReader(text, mostValues, true).document();
    }

    /**
     * Reads a large object without keeping it: the members of the object under {@code key} are handed over one by one; of two equal keys the last one counts.
     *
     * @param mostValues bound as of {@link #MAX_VALUES}, of the whole text
     * @return all other members
     * @throws JsonException with line and column, also when some members have been handed over
     */
    public static Map<String, @Nullable Object> members(
            String text, int mostValues, String key, BiConsumer<String, @Nullable Object> each) throws JsonException {
        return new JsonReader(text, mostValues, true).members(key, each);
    }

    /** An object in the order given: key, value, key, value. */
    public static Map<String, Object> of(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    /** On one line, without blanks. Maps that have no order of their own are written by key. */
    public static String write(@Nullable Object value) {
        return new JsonWriter(false).document(value);
    }

    /** Indented by two blanks, for people; ends without a line end. */
    public static String pretty(@Nullable Object value) {
        return new JsonWriter(true).document(value);
    }
}
