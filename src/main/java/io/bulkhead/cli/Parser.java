package io.bulkhead.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Understands a command line with the table of {@link Commands}. Options may stand before and after the command. */
final class Parser {

    /** What users of PM2, supervisorctl and others type, and what it is here. */
    private static final String[][] ELSEWHERE = {
        {"describe", "show APP"},
        {"desc", "show APP"},
        {"monit", "status (top is not available yet)"},
        {"monitor", "status (top is not available yet)"},
        {"dash", "status (top is not available yet)"},
        {"reread", "apply --dry-run"},
        {"update", "apply"},
        {"add", "apply"},
        {"remove", "delete APP"},
        {"tail", "logs APP"},
        {"fg", "logs -f APP"},
        {"maintail", "logs --daemon"},
        {"avail", "status"},
        {"pid", "status"},
        {"id", "status"},
        {"kill", "shutdown (or, for one app, stop APP or signal KILL APP)"},
        {"quit", "shutdown"},
        {"jlist", "status --json"},
        {"prettylist", "status --json"},
        {"ecosystem", "init"},
        {"config", "check"},
        {"dump", "nothing: state is always saved"},
        {"reloadLogs", "nothing: logs rotate by themselves"},
        {"logrotate", "nothing: logs rotate by themselves"},
        {"clear", "reset APP"},
        {"sendSignal", "signal SIGNAL APP"},
        {"enable", "start APP (it holds across a reboot)"},
        {"disable", "stop APP (it holds across a reboot)"},
        {"run", "up"},
        {"exec", "nothing: use your shell"},
        {"validate", "check"},
        {"explain", "why"},
    };

    private final String[] words;
    private final Map<String, String> options = new LinkedHashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private @Nullable Command command;
    private int at;
    private int beforeDashes = -1;

    private Parser(String[] words) {
        this.words = words;
    }

    static Parsed parse(String[] words) throws UsageException {
        return new Parser(words).parse();
    }

    /** The command of this name or alias. */
    static Command named(String word) throws UsageException {
        List<Command> all = Commands.all();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isCalled(word)) {
                return all.get(i);
            }
        }
        for (String[] other : ELSEWHERE) {
            if (other[0].equals(word)) {
                throw new UsageException("there is no command " + word, "here it is: bulkhead " + other[1]);
            }
        }
        throw new UsageException(
                "there is no command " + Text.safe(word), Suggest.hint(word, names(), "bulkhead help lists them all"));
    }

    private Parsed parse() throws UsageException {
        while (at < words.length) {
            String word = words[at++];
            if (beforeDashes < 0 && word.equals("--")) {
                beforeDashes = arguments.size();
            } else if (beforeDashes < 0 && word.startsWith("--")) {
                longOption(word);
            } else if (beforeDashes < 0 && word.length() > 1 && word.charAt(0) == '-') {
                letters(word);
            } else if (command == null) {
                command = named(word);
            } else {
                arguments.add(word);
            }
        }
        Command known = command == null ? named("help") : command;
        if (!options.containsKey("help")) {
            count(known);
        }
        return new Parsed(known, options, arguments, beforeDashes < 0 ? arguments.size() : beforeDashes);
    }

    private void longOption(String word) throws UsageException {
        int equals = word.indexOf('=');
        String name = word.substring(2, equals < 0 ? word.length() : equals);
        if (name.equals("version") && command == null) {
            command = named("version");
            return;
        }
        Option option = find(name, false);
        if (option == null) {
            throw unknown("--" + name);
        }
        if (option.isFlag() && equals >= 0) {
            throw new UsageException("--" + name + " takes no value", "");
        }
        put(option, option.isFlag() ? "" : equals >= 0 ? word.substring(equals + 1) : value(option));
    }

    /** Values of one that may come several times are joined by commas. */
    private void put(Option option, String value) {
        String before = options.get(option.name());
        options.put(option.name(), before == null || !option.isRepeatable() ? value : before + "," + value);
    }

    /** {@code -fn 20}, {@code -n20}: letters together, the value of the last one in the same word or the next. */
    private void letters(String word) throws UsageException {
        for (int i = 1; i < word.length(); i++) {
            Option option = find(word.substring(i, i + 1), true);
            if (option == null) {
                throw unknown("-" + word.charAt(i));
            }
            if (!option.isFlag()) {
                String rest = word.substring(i + 1);
                put(option, rest.isEmpty() ? value(option) : rest);
                return;
            }
            options.put(option.name(), "");
        }
    }

    private String value(Option option) throws UsageException {
        if (at >= words.length) {
            throw new UsageException(option.written() + ": the value is missing", "");
        }
        return words[at++];
    }

    private @Nullable Option find(String name, boolean letter) {
        Command known = command;
        if (known != null) {
            Option own = find(known.options(), name, letter);
            if (own != null) {
                return own;
            }
        }
        return find(Commands.GLOBAL, name, letter);
    }

    private static @Nullable Option find(List<Option> among, String name, boolean letter) {
        for (int i = 0; i < among.size(); i++) {
            Option option = among.get(i);
            if ((letter ? option.letter() : option.name()).equals(name)) {
                return option;
            }
        }
        return null;
    }

    private UsageException unknown(String written) {
        Command known = command;
        if (known == null) {
            return new UsageException(
                    Text.safe(written) + " is not an option of bulkhead itself",
                    "options of a command stand after it: bulkhead COMMAND --help");
        }
        if (known.group() == Command.Group.LATER) {
            return new UsageException("bulkhead " + known.name() + " is not available yet", known.summary());
        }
        List<String> names = new ArrayList<>();
        for (Option option : known.options()) {
            names.add("--" + option.name());
        }
        for (Option option : Commands.GLOBAL) {
            names.add("--" + option.name());
        }
        return new UsageException(
                "bulkhead " + known.name() + " has no option " + Text.safe(written),
                known.name().equals("start")
                        ? "options of a script stand after two dashes: bulkhead start SCRIPT -- " + Text.safe(written)
                        : Suggest.hint(written, names, "bulkhead " + known.name() + " --help lists them"));
    }

    private void count(Command known) throws UsageException {
        if (arguments.size() < known.least()) {
            boolean apps =
                    known.arguments().endsWith("APP...") || known.arguments().equals("APP");
            throw new UsageException(
                    "bulkhead " + known.name() + ": " + known.arguments() + " is missing",
                    apps && known.least() == 1 && known.most() > 1
                            ? "for every app: bulkhead " + known.name() + " all"
                            : "bulkhead " + known.name() + " --help");
        }
        if (arguments.size() > known.most()) {
            throw new UsageException(
                    "bulkhead " + known.name() + ": one argument too many: " + Text.safe(arguments.get(known.most())),
                    "bulkhead " + known.name() + " --help");
        }
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Command command : Commands.all()) {
            if (command.group() != Command.Group.HIDDEN) {
                names.add(command.name());
                names.addAll(command.aliases());
            }
        }
        return names;
    }
}
