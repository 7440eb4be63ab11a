package io.bulkhead.guard;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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
    private static final int MOST_BYTES_LARGE = 12 << 20;
    private static final int MOST_VALUES_LARGE = 2_000_000;

    static JsonFile read(Path file) throws IOException {
        return read(file, MOST_BYTES, MOST_VALUES);
    }

    /** Reads a file of up to 4 MiB whole. */
    static JsonFile large(Path file) throws IOException {
        return read(file, 4 * MOST_BYTES, 2 * MOST_VALUES);
    }

    private static JsonFile read(Path file, int mostBytes, int mostValues) throws IOException {
        String text = text(file, mostBytes);
        try {
            if (Json.readAsJavaScript(text, mostValues) instanceof Map<?, ?> map) {
                return new JsonFile(strings(map));
            }
            throw new IOException(file + " is no JSON object");
        } catch (JsonException wrong) {
            throw new IOException(file + " is no valid JSON: " + wrong.getMessage(), wrong);
        }
    }

    /** Reads a file of up to 12 MiB, handing over the members of the object under {@code key} one by one; returns the others. */
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

    /** UTF-8 as Node reads it, without the mark at its beginning that some editors leave. Only of a regular file: a pipe would never end. */
    static String text(Path file, int mostBytes) throws IOException {
        byte[] bytes;
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            if (!found.isRegularFile()) {
                throw new IOException("it is no regular file");
            }
            if (found.size() > mostBytes) {
                throw new IOException("it is larger than " + size(mostBytes));
            }
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(mostBytes);
            }
        } catch (IOException unreadable) {
            throw new IOException(file + " cannot be read: " + reason(unreadable), unreadable);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static String size(int bytes) {
        return bytes >> 20 > 0 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
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

    /** The objects of the list under {@code key}; empty where there is none. */
    List<JsonFile> objects(String key) {
        List<JsonFile> objects = new ArrayList<>();
        if (members.get(key) instanceof List<?> list) {
            for (Object value : list) {
                if (value instanceof Map<?, ?> map) {
                    objects.add(new JsonFile(strings(map)));
                }
            }
        }
        return objects;
    }
}
