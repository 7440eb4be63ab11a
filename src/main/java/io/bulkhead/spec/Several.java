package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Node.Entry;
import io.bulkhead.spec.Node.Mapping;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The types made of other types: lists, sets, maps with free names, and a choice of several. */
final class Several {

    private Several() {}

    /** A list; {@code single}: one item may be written without brackets. */
    record Many<T>(Type<T> item, boolean single, int least) implements Type<List<T>> {

        @Override
        public Optional<List<T>> read(Node node, Scope scope) {
            if (!(node instanceof Sequence list)) {
                boolean alone = single && item.fits(node);
                return alone ? item.read(node, scope).map(List::of) : scope.wrong(node, wants());
            }
            if (list.items().size() < least) {
                return scope.wrong(node.place(), Words.quoted(scope.key()) + " wants at least one item");
            }
            int before = scope.problems().errors();
            List<T> all = new ArrayList<>();
            for (Node each : list.items()) {
                item.read(each, scope).ifPresent(all::add);
            }
            return scope.problems().errors() > before ? Optional.empty() : Optional.of(List.copyOf(all));
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Sequence || (single && item.fits(node));
        }

        @Override
        public String wants() {
            return single ? item.wants() + ", or a list" : "a list";
        }

        @Override
        public Map<String, Object> schema() {
            return schema(false);
        }

        @Override
        public Map<String, Object> schema(boolean whole) {
            Map<String, Object> list = Json.of("type", "array", "items", item.schema(whole));
            if (least > 0) {
                list.put("minItems", least);
            }
            return single ? Schemas.anyOf(item.schema(whole), list) : list;
        }
    }

    /** Like a list, but each once; an app's are added to those of {@code defaults}. */
    record Each<T>(Type<List<T>> list) implements Type<Set<T>> {

        @Override
        public Optional<Set<T>> read(Node node, Scope scope) {
            return list.read(node, scope).map(LinkedHashSet::new);
        }

        @Override
        public boolean fits(Node node) {
            return list.fits(node);
        }

        @Override
        public String wants() {
            return list.wants();
        }

        @Override
        public Map<String, Object> schema() {
            return list.schema();
        }

        @Override
        public Set<T> over(Set<T> base, Set<T> own) {
            Set<T> all = new LinkedHashSet<>(base);
            all.addAll(own);
            return all;
        }
    }

    /** A map whose keys the user chooses, under a rule for names. */
    record Named<T>(String what, Names names, Type<T> value, boolean mayBeEmpty) implements Type<Map<String, T>> {

        @Override
        public Optional<Map<String, T>> read(Node node, Scope scope) {
            if (mayBeEmpty && node instanceof Scalar scalar && scalar.looks() == Scalar.Looks.NOTHING) {
                return Optional.of(Map.of());
            }
            if (!(node instanceof Mapping map)) {
                return scope.wrong(node, wants());
            }
            Map<String, T> all = new LinkedHashMap<>();
            for (Entry entry : map.entries()) {
                String name = entry.key().text();
                Optional<String> wrong = names.wrong(name);
                wrong.ifPresent(why -> scope.problems().error(entry.key().place(), why, names.hint()));
                value.read(entry.value(), scope.under(name)).ifPresent(read -> all.put(name, read));
            }
            return Optional.of(all);
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Mapping;
        }

        @Override
        public String wants() {
            return "a map of " + what;
        }

        @Override
        public Map<String, Object> schema() {
            return schema(false);
        }

        @Override
        public Map<String, Object> schema(boolean whole) {
            return Json.of(
                    "type",
                    mayBeEmpty ? List.of("object", "null") : "object",
                    "propertyNames",
                    names.schema(),
                    "additionalProperties",
                    value.schema(whole));
        }

        @Override
        public Map<String, T> over(Map<String, T> base, Map<String, T> own) {
            Map<String, T> all = new LinkedHashMap<>(base);
            all.putAll(own);
            return all;
        }
    }

    /** One of several types: the first whose shape fits. */
    record Choice<T>(String wants, List<Type<? extends T>> types) implements Type<T> {

        @Override
        public Optional<T> read(Node node, Scope scope) {
            for (Type<? extends T> type : types) {
                if (type.fits(node)) {
                    return type.read(node, scope).map(value -> value);
                }
            }
            return scope.wrong(node, wants);
        }

        @Override
        public boolean fits(Node node) {
            for (Type<? extends T> type : types) {
                if (type.fits(node)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public Map<String, Object> schema() {
            return schema(false);
        }

        @Override
        public Map<String, Object> schema(boolean whole) {
            List<Object> all = new ArrayList<>();
            for (Type<? extends T> type : types) {
                all.add(type.schema(whole));
            }
            return Json.of("anyOf", all);
        }
    }
}
