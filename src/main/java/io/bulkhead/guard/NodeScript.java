package io.bulkhead.guard;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Which file a command has Node run, as far as its words tell. */
final class NodeScript {

    /** Options of node that take the next word (node(1)). */
    private static final Set<String> WITH_A_WORD = Set.of(
            "-r",
            "--require",
            "--import",
            "--loader",
            "--experimental-loader",
            "-C",
            "--conditions",
            "--env-file",
            "--env-file-if-exists",
            "--title",
            "--icu-data-dir",
            "--openssl-config",
            "--input-type",
            "--inspect-port",
            "--disable-warning",
            "--diagnostic-dir",
            "--watch-path",
            "--max-http-header-size",
            "--unhandled-rejections",
            "--stack-trace-limit");

    /** The program is then no file. */
    private static final Set<String> WITHOUT_A_FILE =
            Set.of("-e", "--eval", "-p", "--print", "-c", "-i", "--test", "--run");

    private static final int MOST_SCRIPTS = 4;
    private static final String END_OF_COMMAND = ";&|";

    private NodeScript() {}

    /**
     * The word that names the file; empty where there is none, or where it cannot be told.
     *
     * @param argv a command, program name first
     * @param scripts the text of a script in package.json, by its name
     */
    static Optional<String> in(List<String> argv, Function<String, Optional<String>> scripts) {
        return in(argv, scripts, 0);
    }

    private static Optional<String> in(List<String> argv, Function<String, Optional<String>> scripts, int depth) {
        String name = nameOf(argv.getFirst());
        if (NodeCommand.isNode(name)) {
            return afterNode(argv.subList(1, argv.size()));
        }
        if (NodeCommand.PACKAGE_MANAGERS.contains(name)) {
            return depth == MOST_SCRIPTS
                    ? Optional.empty()
                    : scriptName(name, argv.subList(1, argv.size()))
                            .flatMap(scripts)
                            .flatMap(text -> inText(text, scripts, depth + 1));
        }
        if (NodeCommand.LAUNCHERS.contains(name)) {
            List<String> words = new ArrayList<>();
            for (String word : argv.subList(1, argv.size())) {
                words.addAll(List.of(word.strip().split("\\s+")));
            }
            return inWords(words, scripts, depth);
        }
        return Optional.of(argv.getFirst());
    }

    private static Optional<String> inText(String text, Function<String, Optional<String>> scripts, int depth) {
        return inWords(List.of(text.strip().split("\\s+")), scripts, depth);
    }

    /** The first word that is node or a package manager, unless the folder changes before it. */
    private static Optional<String> inWords(List<String> words, Function<String, Optional<String>> scripts, int depth) {
        for (int i = 0; i < words.size(); i++) {
            String name = nameOf(words.get(i));
            if (name.equals("cd") || name.equals("pushd") || name.equals("-C") || name.startsWith("--chdir")) {
                return Optional.empty();
            }
            if (NodeCommand.isNode(name) || NodeCommand.PACKAGE_MANAGERS.contains(name)) {
                return in(oneCommand(words.subList(i, words.size())), scripts, depth);
            }
        }
        return Optional.empty();
    }

    /** Up to what a shell takes as its end, without quotes around a word. */
    private static List<String> oneCommand(List<String> words) {
        List<String> command = new ArrayList<>();
        for (String word : words) {
            int end = 0;
            while (end < word.length() && END_OF_COMMAND.indexOf(word.charAt(end)) < 0) {
                end++;
            }
            String told = word.substring(0, end);
            if (told.length() > 1 && (told.charAt(0) == '"' || told.charAt(0) == '\'')) {
                told = told.replace(told.substring(0, 1), "");
            }
            if (!told.isEmpty()) {
                command.add(told);
            }
            if (end < word.length()) {
                break;
            }
        }
        return command;
    }

    private static Optional<String> afterNode(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                return i + 1 < words.size() ? Optional.of(words.get(i + 1)) : Optional.empty();
            }
            if (WITHOUT_A_FILE.contains(word) || word.startsWith("--eval=") || word.equals("-")) {
                return Optional.empty();
            }
            if (WITH_A_WORD.contains(word)) {
                i++;
            } else if (!word.startsWith("-") && !word.equals("inspect")) {
                return word.indexOf('$') < 0 ? Optional.of(word) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** {@code start} of {@code npm start}, {@code start:prod} of {@code npm run start:prod} and of {@code yarn start:prod}. */
    private static Optional<String> scriptName(String manager, List<String> words) {
        boolean run = false;
        for (String word : words) {
            if (word.startsWith("-")) {
                if (!word.equals("-s") && !word.equals("--silent") && !word.equals("--if-present")) {
                    return Optional.empty();
                }
            } else if (!run && (word.equals("run") || word.equals("run-script"))) {
                run = true;
            } else {
                boolean isScript = run || word.equals("start") || manager.startsWith("yarn") || manager.equals("pnpm");
                return isScript ? Optional.of(word) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static String nameOf(String word) {
        return String.valueOf(Path.of(word.replace("\0", "")).getFileName());
    }
}
