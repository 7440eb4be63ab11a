package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Node.Mapping;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Several.Choice;
import io.bulkhead.spec.Several.Each;
import io.bulkhead.spec.Several.Many;
import java.nio.file.Path;
import java.util.ArrayList;
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
            (scalar, scope) -> CommandLine.tooLong(scalar.text())
                    ? Parsed.bad(0, "is longer than " + CommandLine.LONGEST_ARGUMENT + " bytes", "put it into a file")
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
            Schemas.anyOf(
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
            Schemas.anyOf(
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
            return Schemas.anyOf(
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
