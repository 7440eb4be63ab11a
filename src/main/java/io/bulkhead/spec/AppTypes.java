package io.bulkhead.spec;

import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Node.Mapping;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.Node.Sequence;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Several.Choice;
import io.bulkhead.spec.Several.Each;
import io.bulkhead.spec.Several.Many;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The types of an app's keys that have a form of their own. */
final class AppTypes {

    static final Type<String> ANY_TEXT = new Scalars.Text("text", 65_536);

    /** A word of a command; it may be empty. */
    static final Type<String> ARGUMENT = new Told<>(
            "text",
            (scalar, scope) -> scalar.text().length() > CommandLine.LONGEST_ARGUMENT
                    ? Parsed.bad(
                            0, "is longer than " + CommandLine.LONGEST_ARGUMENT + " characters", "put it into a file")
                    : Parsed.good(scalar.text()),
            Json.of("type", List.of("string", "number")));

    static final Type<String> VARIABLE_NAME = new Told<>(
            "the name of a variable",
            (scalar, scope) -> Names.VARIABLE.wrong(scalar.text()).isPresent()
                    ? Parsed.bad(
                            0,
                            "holds " + Words.quoted(scalar.text()) + ", which names no variable",
                            Names.VARIABLE.hint())
                    : Parsed.good(scalar.text()),
            Json.anyOf(
                    Json.of("type", "string", "pattern", "^[^=\\u0000-\\u0020\\u007f]{1,255}$"),
                    Json.of("type", "number")));

    static final Type<Set<String>> VARIABLE_NAMES = new Each<>(new Many<>(VARIABLE_NAME, true, 0));

    static final Type<List<String>> FILES = new Many<>(new Scalars.Text("the name of a file", 4096), true, 0);

    static final Type<Command> COMMAND = new CommandType();

    /** A folder or file, relative to the file it is written in. */
    static final Type<Path> PATH = new Told<>(
            "a path",
            (scalar, scope) -> scalar.text().isEmpty() || scalar.text().length() > 4096
                    ? Parsed.bad("wants a path of 1 to 4096 characters")
                    : Parsed.good(resolve(scope.folder(), scalar.text(), scope.host())),
            Json.of("type", List.of("string", "number"), "minLength", 1, "maxLength", 4096));

    static final Type<Integer> UMASK = new Told<>(
            "an octal mask in quotes such as \"0022\"",
            (scalar, scope) -> umask(scalar),
            Json.anyOf(
                    Json.of("type", "string", "pattern", "^(0o?)?[0-7]{1,3}$"),
                    Json.of("type", "integer", "minimum", 0, "maximum", 777)));

    static final Type<Map<String, String>> ENVIRONMENT = new EnvironmentType();

    static final Type<List<String>> DEPENDS_ON = new DependsOn();

    private AppTypes() {}

    /** An absolute path without {@code .} and {@code ..}; {@code ~/} is the daemon's user's home. */
    static Path resolve(Path folder, String text, Host host) {
        String home = host.environment().getOrDefault("HOME", "");
        boolean fromHome = !home.isEmpty() && (text.equals("~") || text.startsWith("~/"));
        Path path = fromHome ? Path.of(home).resolve(text.length() > 2 ? text.substring(2) : "") : Path.of(text);
        return folder.resolve(path).normalize();
    }

    private static Parsed<Integer> umask(Scalar scalar) {
        String text = scalar.text();
        String digits = text.startsWith("0o") ? text.substring(2) : text.startsWith("0") ? text.substring(1) : text;
        boolean octal = !text.isEmpty() && digits.length() <= 3 && (!scalar.plain() || text.startsWith("0"));
        for (int i = 0; i < digits.length(); i++) {
            octal &= digits.charAt(i) >= '0' && digits.charAt(i) <= '7';
        }
        if (!octal || (digits.isEmpty() && !text.equals("0"))) {
            return Parsed.bad(
                    0,
                    "wants an octal mask, not " + scalar.kind(),
                    "write it in quotes with a leading zero, such as \"0022\"");
        }
        return Parsed.good(digits.isEmpty() ? 0 : Integer.parseInt(digits, 8));
    }

    /** A string split without a shell, a list, or {@code {shell: TEXT}}. */
    private static final class CommandType implements Type<Command> {

        private final Type<List<String>> list = new Many<>(ARGUMENT, false, 1);
        private final Key<String> shell = Key.of(
                "shell", new Scalars.Text("text for a shell", CommandLine.LONGEST_ARGUMENT), "Text for /bin/sh -c.");
        private final Section map = new Section("a command", false, shell).needing("shell");

        @Override
        public Optional<Command> read(Node node, Scope scope) {
            return switch (node) {
                case Sequence items ->
                    list.read(items, scope).flatMap(argv -> {
                        if (argv.getFirst().isEmpty()) {
                            return scope.wrong(
                                    items.items().getFirst().place(), Words.quoted(scope.key()) + " names no program");
                        }
                        return Optional.of(new Command(argv, false));
                    });
                case Mapping entries ->
                    map.read(entries, scope).flatMap(values -> {
                        if (!values.attempted(shell)) {
                            return scope.wrong(
                                    node.place(), Words.quoted(scope.key()) + " has no \"shell\"", "write " + wants());
                        }
                        return values.get(shell).map(text -> new Command(List.of("/bin/sh", "-c", text), true));
                    });
                case Scalar scalar ->
                    fits(scalar)
                            ? scope.take(scalar, CommandLine.split(scalar.text()))
                                    .flatMap(argv -> named(argv, scalar, scope))
                            : scope.wrong(scalar, wants());
            };
        }

        private static Optional<Command> named(List<String> argv, Scalar scalar, Scope scope) {
            return argv.getFirst().isEmpty()
                    ? scope.wrong(scalar.place(), Words.quoted(scope.key()) + " names no program")
                    : Optional.of(new Command(argv, false));
        }

        @Override
        public boolean fits(Node node) {
            return !(node instanceof Scalar scalar) || ANY_TEXT.fits(scalar);
        }

        @Override
        public String wants() {
            return "a command line, a list of words, or {shell: TEXT}";
        }

        @Override
        public Map<String, Object> schema() {
            Map<String, Object> words = list.schema();
            words.put("prefixItems", List.of(Json.of("type", List.of("string", "number"), "minLength", 1)));
            return Json.anyOf(Json.of("type", List.of("string", "number"), "pattern", "\\S"), words, map.schema());
        }
    }

    /** Compose's two forms; a name without a value passes the daemon's own on. */
    private static final class EnvironmentType implements Type<Map<String, String>> {

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
                case Scalar value -> all.put(name, value.text());
                case Node other -> scope.under(name).wrong(other, "text");
            }
        }

        private static void fromList(Node item, Map<String, String> all, Scope scope) {
            if (!(item instanceof Scalar scalar) || !ANY_TEXT.fits(item)) {
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
            } else if (all.put(name, scalar.text().substring(equals + 1)) != null) {
                scope.problems()
                        .error(scalar.place(), "duplicate variable " + Words.quoted(name), "keep one of the two");
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
            return Json.anyOf(
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
                            Json.anyOf(
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

    /** A list of names, or Compose's map of conditions. */
    private static final class DependsOn implements Type<List<String>> {

        private final Type<String> name = new Scalars.Text("a name", 300);
        private final Type<List<String>> list = new Many<>(name, true, 0);
        private final Section condition = new Section(
                "a dependency",
                true,
                Key.of(
                        "condition",
                        Scalars.Word.of("service_started", "service_healthy"),
                        "Both mean: when it is ready."),
                Key.of("required", new Scalars.Flag(), "Compose's word; a dependency is always required here.")
                        .notYet(),
                Key.of("restart", new Scalars.Flag(), "Compose's word; without effect.")
                        .notYet());

        @Override
        public Optional<List<String>> read(Node node, Scope scope) {
            if (!(node instanceof Mapping map)) {
                return list.read(node, scope);
            }
            List<String> names = new ArrayList<>();
            for (Node.Entry entry : map.entries()) {
                condition.read(entry.value(), scope.under(entry.key().text()));
                names.add(entry.key().text());
            }
            return Optional.of(List.copyOf(names));
        }

        @Override
        public boolean fits(Node node) {
            return true;
        }

        @Override
        public String wants() {
            return "a list of names";
        }

        @Override
        public Map<String, Object> schema() {
            return Json.anyOf(
                    name.schema(),
                    Json.of("type", "array", "items", name.schema()),
                    Json.of("type", "object", "additionalProperties", condition.schema()));
        }
    }

    /** The first of several forms. */
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    static <T> Type<T> choice(String wants, Type<? extends T>... types) {
        return new Choice<>(wants, List.of(types));
    }
}
