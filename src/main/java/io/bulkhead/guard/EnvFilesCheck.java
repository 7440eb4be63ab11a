package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Values that are cut at a {@code #}: whoever reads the file takes what follows for a comment. We do so where a blank stands before it, dotenv and {@code node
 * --env-file} everywhere. Never shows a value. That a file can be read at all, without Windows line ends, every start asks by itself.
 */
final class EnvFilesCheck implements Check {

    private static final int LARGEST = 1 << 20;

    @Override
    public String name() {
        return "env-values";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        List<Finding> findings = new ArrayList<>();
        Set<Path> files = new LinkedHashSet<>(subject.app().envFiles());
        Path own = subject.app().workingDir().resolve(".env");
        if (Files.isReadable(own)) {
            files.add(own);
        }
        for (Path file : files) {
            if (Files.size(file) > LARGEST) {
                continue;
            }
            boolean ours = subject.app().envFiles().contains(file);
            int number = 0;
            for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
                number++;
                if (isCut(line.strip(), ours)) {
                    String name = line.substring(0, line.indexOf('=')).strip();
                    findings.add(subject.warning(
                            this,
                            "the value of " + name + " ends before its #"
                                    + (ours ? "" : " for dotenv and node --env-file"),
                            "put the value into quotes: " + name + "=\"...\"",
                            file + ":" + number));
                }
            }
        }
        return findings;
    }

    /** @param ours whether only a # after a blank is taken for a comment */
    static boolean isCut(String line, boolean ours) {
        int equals = line.indexOf('=');
        if (line.startsWith("#") || equals < 1) {
            return false;
        }
        String value = line.substring(equals + 1).strip();
        if (value.startsWith("\"") || value.startsWith("'") || value.startsWith("`")) {
            return false;
        }
        int hash = value.indexOf('#');
        if (hash < 0) {
            return false;
        }
        // "3000 # the port" is a comment, "ab #c" and "#1" hardly are.
        boolean blankBefore = hash == 0 || value.charAt(hash - 1) == ' ' || value.charAt(hash - 1) == '\t';
        boolean blankAfter = hash + 1 == value.length() || value.charAt(hash + 1) == ' ';
        return blankBefore ? !blankAfter : !ours;
    }
}
