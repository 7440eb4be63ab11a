package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the JSON Schema (draft 2020-12) of {@code bulkhead.yaml}, from the table of keys that reads it. */
public final class SchemaWriter {

    private SchemaWriter() {}

    /** What this version accepts: keys that are not available yet may only be turned off. */
    public static String write() {
        return write(false);
    }

    /** {@code whole}: as if every key were available. */
    static String write(boolean whole) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "bulkhead.yaml");
        schema.putAll(TopKeys.SECTION.schema(whole));
        return Json.pretty(schema) + "\n";
    }

    static Map<String, Object> property(Key<?> key, boolean whole) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("description", key.later() && !whole ? key.doc() + " Not available in this version." : key.doc());
        if (!key.standard().isEmpty()) {
            all.put("default", standard(key.standard()));
        }
        if (!key.later()) {
            all.putAll(key.type().schema(whole));
        } else {
            Map<String, Object> off = Schemas.anyOf(
                    Json.of("enum", List.of("off", false)),
                    Json.of("type", "null"),
                    Json.of("type", "object", "maxProperties", 0),
                    Json.of("type", "array", "maxItems", 0));
            all.putAll(whole ? Schemas.anyOf(key.type().schema(whole), off) : off);
        }
        return all;
    }

    /** The default as JSON: a number where a user writes one. */
    private static Object standard(String text) {
        Node.Scalar scalar = new Node.Scalar(new SourceText("", text).start(), text, true);
        return switch (scalar.looks()) {
            case FLAG -> scalar.isTrue();
            case INTEGER -> text.startsWith("0") && text.length() > 1 ? text : Long.valueOf(text);
            default -> text;
        };
    }
}
