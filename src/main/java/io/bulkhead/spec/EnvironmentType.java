package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Node.Mapping;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.Node.Sequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compose's two forms; a name without a value passes the daemon's own on. */
final class EnvironmentType implements Type<Map<String, String>> {

    @Override
    public Optional<Map<String, String>> read(Node node, Scope scope) {
        Map<String, String> all = new LinkedHashMap<>();
        switch (node) {
            case Mapping map -> map.entries().forEach(entry -> fromMap(entry, all, scope));
            case Sequence list -> list.items().forEach(item -> fromList(item, all, scope));
            case Scalar scalar -> {
                if (scalar.looks() != Scalar.Looks.NOTHING) {
                    return scope.wrong(scalar, wants());
                }
            }
        }
        return Optional.of(all);
    }

    private static void fromMap(Node.Entry entry, Map<String, String> all, Scope scope) {
        if (!isName(entry.key(), entry.key().text(), scope)) {
            return;
        }
        String name = entry.key().text();
        switch (entry.value()) {
            case Scalar value when value.looks() == Scalar.Looks.NOTHING -> pass(name, value, all, scope);
            case Scalar value -> put(name, value.text(), value, all, scope);
            case Node other -> scope.under(name).wrong(other, "text");
        }
    }

    private static void fromList(Node item, Map<String, String> all, Scope scope) {
        if (!(item instanceof Scalar scalar) || !AppTypes.ANY_TEXT.fits(item)) {
            scope.wrong(item, "items such as NAME=value");
            return;
        }
        int equals = scalar.text().indexOf('=');
        String name = equals < 0 ? scalar.text() : scalar.text().substring(0, equals);
        if (!isName(scalar, name, scope)) {
            return;
        }
        if (equals < 0) {
            pass(name, scalar, all, scope);
        } else if (all.containsKey(name)) {
            scope.problems().error(scalar.place(), "duplicate variable " + Words.quoted(name), "keep one of the two");
        } else {
            put(name, scalar.text().substring(equals + 1), scalar, all, scope);
        }
    }

    private static void put(String name, String value, Scalar scalar, Map<String, String> all, Scope scope) {
        if (CommandLine.tooLong(value)) {
            scope.problems()
                    .error(
                            scalar.place(),
                            Words.quoted(name) + " has more than " + CommandLine.LONGEST_ARGUMENT + " bytes",
                            "no program can be given more: put it into a file");
        } else {
            all.put(name, value);
        }
    }

    private static boolean isName(Scalar scalar, String name, Scope scope) {
        Optional<String> wrong = Names.VARIABLE.wrong(name);
        wrong.ifPresent(why -> scope.problems().error(scalar.place(), why, Names.VARIABLE.hint()));
        return wrong.isEmpty();
    }

    private static void pass(String name, Scalar scalar, Map<String, String> all, Scope scope) {
        String value = scope.host().environment().get(name);
        if (value != null) {
            all.put(name, value);
        } else {
            scope.problems()
                    .warning(
                            scalar.place(),
                            Words.quoted(name) + " is to be passed on, but the daemon has no such variable",
                            "write " + name + "=VALUE, or set it where the daemon is started");
        }
    }

    @Override
    public boolean fits(Node node) {
        return !(node instanceof Scalar);
    }

    @Override
    public String wants() {
        return "a map of NAME: value, or a list of NAME=value";
    }

    @Override
    public Map<String, Object> schema() {
        return Schemas.anyOf(
                Json.of(
                        "type",
                        List.of("object", "null"),
                        "propertyNames",
                        Names.VARIABLE.schema(),
                        "additionalProperties",
                        Json.of("type", List.of("string", "number", "boolean", "null"))),
                Json.of(
                        "type",
                        "array",
                        "items",
                        Schemas.anyOf(
                                Json.of(
                                        "type",
                                        "string",
                                        "pattern",
                                        "^[^=\\u0000-\\u0020\\u007f]{1,255}(=[\\s\\S]*)?$"),
                                Json.of("type", "number"))));
    }

    @Override
    public Map<String, String> over(Map<String, String> base, Map<String, String> own) {
        Map<String, String> all = new LinkedHashMap<>(base);
        all.putAll(own);
        return all;
    }
}
