package io.bulkhead.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads texts in a folder of their own, on a host that is always the same. */
record Reader(Path folder, Host host) {

    static Reader in(Path folder) {
        Map<String, String> environment = Map.of("HOME", "/home/me", "PORT", "3000", "EMPTY", "", "BLANKS", "a b");
        return new Reader(folder, new Host(environment, 4L << 30, 2, true, ZoneId.of("UTC")));
    }

    SpecReader.Reading read(String text) {
        return SpecReader.read(write("bulkhead.yaml", text), Optional.empty(), host);
    }

    SpecReader.Reading readWithFolder(String text) {
        return SpecReader.read(write("bulkhead.yaml", text), Optional.of(folder.resolve("conf.d")), host);
    }

    Spec spec(String text) {
        SpecReader.Reading reading = read(text);
        return reading.spec()
                .orElseThrow(() -> new AssertionError("not read:\n" + ProblemText.plain(reading.problems())));
    }

    /** The app "a" that has these lines besides a command. */
    AppSpec app(String... lines) {
        return spec("apps:\n  a:\n    command: run\n" + indented(lines)).apps().get("a");
    }

    /** What is wrong with an app of these lines: "LINE:COLUMN MESSAGE". */
    List<String> wrong(String... lines) {
        return places(read("apps:\n  a:\n    command: run\n" + indented(lines)));
    }

    static List<String> places(SpecReader.Reading reading) {
        return reading.problems().stream()
                .map(problem -> problem.line() + ":" + problem.column() + " " + problem.message())
                .toList();
    }

    Path write(String name, String text) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static String indented(String... lines) {
        return "    " + String.join("\n", lines).replace("\n", "\n    ") + "\n";
    }
}
