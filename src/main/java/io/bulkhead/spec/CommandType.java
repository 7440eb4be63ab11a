package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Node.Mapping;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.Node.Sequence;
import io.bulkhead.spec.Several.Many;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A string split without a shell, a list, or {@code {shell: TEXT}}. */
final class CommandType implements Type<Command> {

    private final Type<List<String>> list = new Many<>(AppTypes.ARGUMENT, false, 1);
    private final Key<String> shell =
            Key.of("shell", new Scalars.Text("text for a shell", CommandLine.LONGEST_ARGUMENT), "Text for /bin/sh -c.");
    private final Section map = new Section("a command", false, shell).needing("shell");

    @Override
    public Optional<Command> read(Node node, Scope scope) {
        return switch (node) {
            case Sequence items ->
                list.read(items, scope).flatMap(argv -> {
                    if (argv.size() > CommandLine.MOST_WORDS) {
                        return scope.wrong(
                                node.place(),
                                Words.quoted(scope.key()) + " has more than " + CommandLine.MOST_WORDS + " words");
                    }
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
        if (argv.getFirst().isEmpty()) {
            return scope.wrong(scalar.place(), Words.quoted(scope.key()) + " names no program");
        }
        for (String word : argv) {
            if (CommandLine.tooLong(word)) {
                return scope.wrong(
                        scalar.place(),
                        Words.quoted(scope.key()) + " has a word of more than " + CommandLine.LONGEST_ARGUMENT
                                + " bytes",
                        "put it into a file");
            }
        }
        return Optional.of(new Command(argv, false));
    }

    @Override
    public boolean fits(Node node) {
        return !(node instanceof Scalar scalar) || AppTypes.ANY_TEXT.fits(scalar);
    }

    @Override
    public String wants() {
        return "a command line, a list of words, or {shell: TEXT}";
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> words = list.schema();
        words.put("prefixItems", List.of(Json.of("type", List.of("string", "number"), "minLength", 1)));
        return Schemas.anyOf(Json.of("type", List.of("string", "number"), "pattern", "\\S"), words, map.schema());
    }
}
