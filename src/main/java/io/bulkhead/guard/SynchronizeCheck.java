package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code synchronize: true} in production: TypeORM then changes the tables at every start, and drops columns that the code no longer names. */
final class SynchronizeCheck implements Check {

    private static final String WORD = "synchronize";

    @Override
    public String name() {
        return "synchronize";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        if (!"production".equals(subject.environment().get("NODE_ENV"))) {
            return List.of();
        }
        Optional<NodeApp> found = NodeApp.of(subject)
                .filter(app ->
                        app.dependsOn("typeorm", "@nestjs/typeorm", "@nestjs/sequelize", "sequelize-typescript"));
        if (found.isEmpty()) {
            return List.of();
        }
        NodeApp app = found.get();
        List<String> places = new ArrayList<>();
        if ("true".equals(subject.environment().get("TYPEORM_SYNCHRONIZE"))) {
            places.add("TYPEORM_SYNCHRONIZE=true in its environment");
        }
        SourceFiles.Reader reader = (file, text) -> {
            int at = next(text, 0);
            while (at >= 0) {
                if (!SourceFiles.isComment(text, at)) {
                    places.add(SourceFiles.place(app, file, text, at));
                }
                at = next(text, at + WORD.length());
            }
        };
        Path settings = app.folder().resolve("ormconfig.json");
        if (Files.isRegularFile(settings)) {
            reader.read(settings, JsonFile.text(settings, 1 << 20));
        }
        SourceFiles.each(SourceFiles.running(app), endings(app), reader);
        return places.isEmpty()
                ? List.of()
                : List.of(subject.warning(
                        this,
                        "synchronize: true with NODE_ENV=production: the tables are changed at every start, and columns that the code"
                                + " no longer names are dropped with what is in them",
                        "set synchronize: false and use migrations: typeorm migration:run as hooks: before_rollout",
                        Many.some(places)));
    }

    /** What runs is looked at: the source only where it is run itself. */
    private static List<String> endings(NodeApp app) {
        boolean built = app.scriptFile()
                .filter(file -> SourceFiles.BUILT.stream().anyMatch(file.toString()::endsWith))
                .isPresent();
        if (built || SourceFiles.running(app).endsWith("dist")) {
            return SourceFiles.BUILT;
        }
        List<String> all = new ArrayList<>(SourceFiles.BUILT);
        all.addAll(SourceFiles.WRITTEN);
        return all;
    }

    /** Where {@code synchronize: true} stands next, also as JSON and as minifiers write it ({@code !0}). */
    private static int next(String text, int from) {
        int at = text.indexOf(WORD, from);
        while (at >= 0) {
            int after = at + WORD.length();
            if (after < text.length() && (text.charAt(after) == '"' || text.charAt(after) == '\'')) {
                after++;
            }
            after = blanks(text, after);
            if (after < text.length() && text.charAt(after) == ':') {
                after = blanks(text, after + 1);
                if (text.startsWith("true", after) || text.startsWith("!0", after)) {
                    return at;
                }
            }
            at = text.indexOf(WORD, at + WORD.length());
        }
        return -1;
    }

    private static int blanks(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
