package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether Prisma's client has been generated, and from the schema that lies there now. */
final class PrismaCheck implements Check {

    private static final int MOST_OF_A_FILE = 4 << 20;
    private static final List<String> SCHEMAS =
            List.of("prisma/schema.prisma", "schema.prisma", "prisma/schema/schema.prisma");
    private static final List<String> SETTINGS = List.of("prisma.config.ts", "prisma.config.js", "prisma.config.mjs");

    /** In the stub that the package brings along (Prisma 2 to 6); since 7 there is no stub. */
    private static final String STUB = "did not initialize yet";

    @Override
    public String name() {
        return "prisma";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException, InterruptedException {
        Optional<NodeApp> app = NodeApp.of(subject)
                .filter(known -> known.description().object("dependencies").has("@prisma/client"));
        Optional<Path> schema = app.flatMap(PrismaCheck::schema);
        if (schema.isEmpty()) {
            return List.of();
        }
        String text = JsonFile.text(schema.get(), MOST_OF_A_FILE);
        String generator = generator(text);
        Optional<String> output = setting(generator, "output");
        Optional<Path> client = output.isPresent()
                ? Optional.of(schema.get().resolveSibling(output.get()).normalize())
                : packaged(subject, app.get());
        if (generator.isEmpty() || client.isEmpty()) {
            return List.of();
        }
        String fix = "cd " + app.get().folder() + " && npx prisma generate";
        if (!isGenerated(client.get())) {
            return List.of(subject.error(
                    this,
                    "Prisma's client has not been generated: the app would end at its first line that asks for it",
                    fix,
                    client.get() + (Files.isDirectory(client.get()) ? " holds no client" : " is missing")));
        }
        return compare(subject, schema.get(), text, client.get(), fix);
    }

    private static Optional<Path> schema(NodeApp app) {
        List<String> places = new ArrayList<>();
        app.description().object("prisma").text("schema").ifPresent(places::add);
        for (String settings : SETTINGS) {
            try {
                setting(JsonFile.text(app.folder().resolve(settings), MOST_OF_A_FILE), "schema")
                        .ifPresent(places::add);
            } catch (IOException none) {
                // Most projects have none.
            }
        }
        places.addAll(SCHEMAS);
        return places.stream()
                .map(place -> app.folder().resolve(place))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** The text between the braces of the generator that makes a client for JavaScript; empty where there is none. */
    private static String generator(String schema) {
        int at = schema.indexOf("generator ");
        while (at >= 0) {
            int from = schema.indexOf('{', at);
            int to = from < 0 ? -1 : schema.indexOf('}', from);
            if (to < 0) {
                return "";
            }
            String block = schema.substring(from + 1, to);
            if (setting(block, "provider")
                    .filter(name -> name.startsWith("prisma-client"))
                    .isPresent()) {
                return block;
            }
            at = schema.indexOf("generator ", to);
        }
        return "";
    }

    /** The text in quotes after {@code name =} or {@code name:}; empty where a program would have to tell. */
    private static Optional<String> setting(String text, String name) {
        for (String line : text.split("\n")) {
            String rest = line.strip();
            if (!rest.startsWith(name)) {
                continue;
            }
            rest = rest.substring(name.length()).strip();
            if (!rest.startsWith("=") && !rest.startsWith(":")) {
                continue;
            }
            rest = rest.substring(1).strip();
            if (rest.length() > 1 && (rest.charAt(0) == '"' || rest.charAt(0) == '\'')) {
                int end = rest.indexOf(rest.charAt(0), 1);
                if (end > 1) {
                    return Optional.of(rest.substring(1, end));
                }
            }
        }
        return Optional.empty();
    }

    /** {@code .prisma/client} beside the real folder of {@code @prisma/client}: that of pnpm lies in its store. */
    private static Optional<Path> packaged(Subject subject, NodeApp app) throws IOException, InterruptedException {
        Optional<Installed> one = Together.packages(subject, app).resolve(app.folder(), "@prisma/client");
        if (one.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                one.get().folder().toRealPath().resolve("../../.prisma/client").normalize());
    }

    private static boolean isGenerated(Path client) throws IOException {
        for (String name : List.of("default.js", "index.js", "client.js", "client.ts", "index.ts")) {
            Path file = client.resolve(name);
            if (Files.isRegularFile(file)) {
                return Files.size(file) > MOST_OF_A_FILE
                        || !JsonFile.text(file, MOST_OF_A_FILE).contains(STUB);
            }
        }
        return false;
    }

    /** The client keeps a copy of its schema, with other blanks. Where it keeps none, the times must do. */
    private List<Finding> compare(Subject subject, Path schema, String text, Path client, String fix)
            throws IOException {
        Path copy = client.resolve("schema.prisma");
        if (Files.isRegularFile(copy)) {
            return withoutBlanks(JsonFile.text(copy, MOST_OF_A_FILE)).equals(withoutBlanks(text))
                    ? List.of()
                    : List.of(subject.error(
                            this,
                            "Prisma's client was generated from another schema than the one that lies there",
                            fix,
                            schema + " differs from " + copy));
        }
        boolean older = Files.getLastModifiedTime(client).compareTo(Files.getLastModifiedTime(schema)) < 0;
        return older
                ? List.of(subject.warning(
                        this,
                        "Prisma's client is older than its schema",
                        fix,
                        schema + ": " + Files.getLastModifiedTime(schema),
                        client + ": " + Files.getLastModifiedTime(client)))
                : List.of();
    }

    private static String withoutBlanks(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isWhitespace(text.charAt(i))) {
                kept.append(text.charAt(i));
            }
        }
        return kept.toString();
    }
}
