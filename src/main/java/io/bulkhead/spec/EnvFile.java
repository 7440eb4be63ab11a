package io.bulkhead.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of {@code NAME=value} lines: {@code .env} and {@code env_file}.
 *
 * <p>{@code export} before a name is skipped; a line that begins with {@code #} is a comment, and so is what follows a blank and a
 * {@code #} after a value without quotes. Single quotes keep everything; double quotes know {@code \n \r \t \" \\ \$}; both may go over
 * several lines. Nothing is replaced: {@code $X} stays {@code $X}. Of a name that comes twice the last one counts.
 *
 * @param variables in the order of the file; unmodifiable
 * @param problems each with its place; a line with a problem gives no variable, except after a warning
 */
public record EnvFile(Map<String, String> variables, List<Problem> problems) {

    /** Bytes; execve(2) would not take more. */
    public static final int LARGEST = 1 << 20;

    /** @param name of the file, for problems */
    public static EnvFile parse(String name, String text) {
        Problems problems = new Problems();
        Map<String, String> variables = new EnvReader(new SourceText(name, text), problems).read();
        return new EnvFile(Collections.unmodifiableMap(new LinkedHashMap<>(variables)), problems.sorted());
    }

    /** The same for a file's bytes: UTF-8, with or without a byte order mark, of any content. */
    public static EnvFile parse(String name, byte[] bytes) {
        Problems problems = new Problems();
        return ConfigFile.decode(name, bytes, problems)
                .map(text -> parse(name, text.text()))
                .orElseGet(() -> new EnvFile(Map.of(), problems.sorted()));
    }

    /** Whether a program may be started with it. */
    public boolean failed() {
        for (Problem problem : problems) {
            if (problem.severity() == Problem.Severity.ERROR) {
                return true;
            }
        }
        return false;
    }
}
