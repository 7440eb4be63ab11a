package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Node.Entry;
import io.bulkhead.spec.Node.Mapping;
import io.bulkhead.spec.Node.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A map whose keys are known: a part of the table of keys. */
final class Section implements Type<Values> {

    private final String what;
    private final List<Key<?>> keys;
    private final Map<String, Key<?>> byName = new HashMap<>();
    private final Map<String, Key<?>> byForeignName = new HashMap<>();
    private final boolean mayBeEmpty;
    private final Map<String, String> misplaced = new HashMap<>();
    private List<String> needed = List.of();

    /**
     * @param what a word for messages: "an app"
     * @param mayBeEmpty whether {@code KEY:} with nothing behind it means an empty one
     */
    Section(String what, boolean mayBeEmpty, Key<?>... keys) {
        this.what = what;
        this.mayBeEmpty = mayBeEmpty;
        this.keys = List.of(keys);
        for (Key<?> key : keys) {
            byName.put(key.name(), key);
            for (String alias : key.aliases()) {
                byName.put(alias, key);
            }
            for (String foreign : key.foreign()) {
                byForeignName.put(foreign, key);
            }
        }
    }

    /** Keys that belong elsewhere, with the sentence that says where. */
    Section misplaced(Section home, String sentence) {
        for (String name : home.byName.keySet()) {
            if (!byName.containsKey(name)) {
                misplaced.putIfAbsent(name, sentence);
            }
        }
        return this;
    }

    Section misplaced(String name, String sentence) {
        misplaced.put(name, sentence);
        return this;
    }

    /** For the schema: without one of these keys the section has no meaning. The reader of its values says so itself. */
    Section needing(String... names) {
        needed = List.of(names);
        return this;
    }

    /** The same with one key more. */
    Section and(String what, Key<?> more) {
        List<Key<?>> all = new ArrayList<>(keys);
        all.add(more);
        return new Section(what, mayBeEmpty, all.toArray(Key<?>[]::new));
    }

    List<Key<?>> keys() {
        return keys;
    }

    @Override
    public boolean fits(Node node) {
        return node instanceof Mapping;
    }

    @Override
    public String wants() {
        return "a map of keys";
    }

    @Override
    public Optional<Values> read(Node node, Scope scope) {
        if (mayBeEmpty && node instanceof Scalar scalar && scalar.looks() == Scalar.Looks.NOTHING) {
            return Optional.of(Values.empty(node.place()));
        }
        if (!(node instanceof Mapping map)) {
            return scope.wrong(node, wants());
        }
        Values values = Values.empty(node.place());
        Map<Key<?>, Scalar> seen = new HashMap<>();
        for (Entry entry : map.entries()) {
            String name = entry.key().text();
            Key<?> key = byName.get(name);
            if (key == null) {
                if (!name.startsWith("x-")) {
                    unknown(entry.key(), values, scope);
                }
                continue;
            }
            Scalar before = seen.putIfAbsent(key, entry.key());
            if (before != null) {
                scope.problems()
                        .error(
                                entry.key().place(),
                                Words.quoted(before.text()) + " and " + Words.quoted(name) + " are the same key",
                                "keep one of the two");
            } else {
                values.attempt(key, entry.key().place());
                readOne(key, entry, values, scope);
            }
        }
        return Optional.of(values);
    }

    private static <T> void readOne(Key<T> key, Entry entry, Values values, Scope scope) {
        String name = entry.key().text();
        if (key.later() && isOff(entry.value())) {
            return;
        }
        Optional<T> value = key.type().read(entry.value(), scope.under(name));
        if (key.later()) {
            scope.problems()
                    .error(
                            entry.key().place(),
                            Words.quoted(name) + " is not available yet",
                            "this version cannot do it: remove the key, or write " + name + ": off");
        }
        value.ifPresent(found -> values.put(key, found, entry.value()));
    }

    /** How a key whose behaviour comes later may be written all the same. */
    private static boolean isOff(Node node) {
        return switch (node) {
            case Mapping map -> map.entries().isEmpty();
            case Node.Sequence list -> list.items().isEmpty();
            case Scalar scalar ->
                switch (scalar.looks()) {
                    case NOTHING -> true;
                    case FLAG -> !scalar.isTrue();
                    case INTEGER, NUMBER -> false;
                    case TEXT -> scalar.text().equals("off");
                };
        };
    }

    private void unknown(Scalar key, Values values, Scope scope) {
        String name = key.text();
        if (scope.problems().isFull()) {
            // A hostile file may have a hundred thousand of them: no guess for what is not shown.
            scope.problems().error(key.place(), "unknown key");
            return;
        }
        String elsewhere = misplaced.get(name);
        if (elsewhere != null) {
            scope.problems().error(key.place(), Words.quoted(name) + " does not belong here", elsewhere);
            return;
        }
        Optional<Key<?>> meant = Optional.ofNullable(byForeignName.get(name));
        if (meant.isEmpty()) {
            meant = Nearest.of(name, names()).map(byName::get);
        }
        if (meant.isEmpty()) {
            scope.problems().error(key.place(), "unknown key " + Words.quoted(name), known());
            return;
        }
        scope.problems()
                .error(
                        key.place(),
                        "unknown key " + Words.quoted(name) + "; did you mean "
                                + Words.quoted(meant.get().name()) + "?");
        // One mistake, one message: the key that was meant is not missing.
        values.attempt(meant.get(), key.place());
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        for (Key<?> key : keys) {
            names.add(key.name());
            names.addAll(key.aliases());
        }
        return names;
    }

    private String known() {
        List<String> names = names();
        return names.size() > 12
                ? "bulkhead schema lists the keys of " + what
                : "the keys of " + what + " are " + String.join(", ", names);
    }

    @Override
    public Values over(Values base, Values own) {
        return own.over(base);
    }

    @Override
    public Map<String, Object> schema() {
        return schema(false);
    }

    @Override
    public Map<String, Object> schema(boolean whole) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Key<?> key : keys) {
            properties.put(key.name(), SchemaWriter.property(key, whole));
            for (String alias : key.aliases()) {
                properties.put(alias, SchemaWriter.property(key, whole));
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", mayBeEmpty ? List.of("object", "null") : "object");
        schema.put("properties", properties);
        schema.put("patternProperties", Map.of("^x-", true));
        schema.put("additionalProperties", false);
        if (!needed.isEmpty()) {
            List<Object> each = new ArrayList<>();
            for (String name : needed) {
                each.add(Json.of("required", List.of(name)));
            }
            schema.put("anyOf", each);
        }
        return schema;
    }
}
