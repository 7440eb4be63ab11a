package io.bulkhead.guard;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** An object in a file of the user's, read with bounds. Errors are sentences that begin with the file's path. */
record JsonFile(Map<String, @Nullable Object> members) {

    static final JsonFile EMPTY = new JsonFile(Map.of());

    /** npm's registry takes no package.json of this size either. */
    private static final int MOST_BYTES = 1 << 20;

    private static final int MOST_VALUES = 200_000;
    private static final int MOST_BYTES_LARGE = 16 << 20;
    private static final int MOST_VALUES_LARGE = 2_000_000;

    static JsonFile read(Path file) throws IOException {
        String text = text(file, MOST_BYTES);
        try {
            if (Json.readAsJavaScript(text, MOST_VALUES) instanceof Map<?, ?> map) {
                return new JsonFile(strings(map));
            }
            throw new IOException(file + " is no JSON object");
        } catch (JsonException wrong) {
            throw new IOException(file + " is no valid JSON: " + wrong.getMessage(), wrong);
        }
    }

    /** Reads a file of up to 16 MiB, handing over the members of the object under {@code key} one by one; returns the others. */
    static JsonFile members(Path file, String key, BiConsumer<String, JsonFile> each) throws IOException {
        String text = text(file, MOST_BYTES_LARGE);
        try {
            return new JsonFile(Json.members(text, MOST_VALUES_LARGE, key, (name, value) -> {
                if (value instanceof Map<?, ?> map) {
                    each.accept(name, new JsonFile(strings(map)));
                }
            }));
        } catch (JsonException wrong) {
            throw new IOException(file + " is no valid JSON: " + wrong.getMessage(), wrong);
        }
    }

    /** UTF-8, without the mark at its beginning that some editors leave. */
    static String text(Path file, int mostBytes) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(mostBytes + 1);
        } catch (IOException unreadable) {
            throw new IOException(file + " cannot be read: " + reason(unreadable), unreadable);
        }
        if (bytes.length > mostBytes) {
            throw new IOException(file + " is larger than " + (mostBytes >> 20) + " MiB, and was not read");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException wrong) {
            throw new IOException(file + " is not UTF-8", wrong);
        }
    }

    private static String reason(IOException failed) {
        return switch (failed) {
            case java.nio.file.NoSuchFileException missing -> "it does not exist";
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            default -> String.valueOf(failed.getMessage());
        };
    }

    private static Map<String, @Nullable Object> strings(Map<?, ?> map) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        map.forEach((key, value) -> members.put(String.valueOf(key), value));
        return members;
    }

    Optional<String> text(String key) {
        return members.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    boolean flag(String key) {
        return Boolean.TRUE.equals(members.get(key));
    }

    boolean has(String key) {
        return members.containsKey(key);
    }

    /** The object under {@code key}; an empty one where there is none. */
    JsonFile object(String key) {
        return new JsonFile(members.get(key) instanceof Map<?, ?> map ? strings(map) : Map.of());
    }

    /** Its members that are texts. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        members.forEach((key, value) -> {
            if (value instanceof String text) {
                texts.put(key, text);
            }
        });
        return texts;
    }

    /** The texts of the list under {@code key}; empty where there is none. */
    List<String> list(String key) {
        List<String> texts = new ArrayList<>();
        if (members.get(key) instanceof List<?> list) {
            for (Object value : list) {
                if (value instanceof String text) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }
}
