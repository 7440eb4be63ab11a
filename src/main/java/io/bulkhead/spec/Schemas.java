package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.util.List;
import java.util.Map;

/** Pieces of the JSON Schema. */
final class Schemas {

    private Schemas() {}

    static Map<String, Object> anyOf(Object... schemas) {
        return Json.of("anyOf", List.of(schemas));
    }
}
