package io.bulkhead.cli;

import io.bulkhead.cli.Command.Group;
import java.util.ArrayList;
import java.util.List;

/** Completion scripts for three shells, from the same table as the parser. Names of apps are asked from the daemon. */
final class Completion {

    private Completion() {}

    static String script(String shell) throws UsageException {
        return switch (shell) {
            case "bash" -> bash();
            case "zsh" -> zsh();
            case "fish" -> fish();
            default ->
                throw new UsageException("completion for " + Text.safe(shell) + "?", "bash, zsh and fish are known");
        };
    }

    private static String bash() {
        StringBuilder out = new StringBuilder();
        out.append("""
                # bash completion for bulkhead: source <(bulkhead completion bash)
                _bulkhead() {
                    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd='' words='' home='' i w
                    COMPREPLY=()
                    for ((i = 1; i < COMP_CWORD; i++)); do
                        w=${COMP_WORDS[i]}
                        if [[ $w == --home ]]; then home=${COMP_WORDS[++i]}; continue; fi
                        if [[ $w != -* ]]; then cmd=$w; break; fi
                    done
                    case $prev in
                        --home) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")); return ;;
                        -f|--file|--config) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
                    esac
                    case $cmd in
                """);
        out.append("        '') words='")
                .append(join(commands()))
                .append(' ')
                .append(join(options(Commands.GLOBAL)))
                .append("' ;;\n");
        for (Command command : visible()) {
            out.append("        ").append(command.name());
            for (String alias : command.aliases()) {
                out.append('|').append(alias);
            }
            out.append(") words='").append(join(wordsAfter(command))).append("'");
            if (takesApps(command) || takesTunnels(command)) {
                out.append("; [[ $cur == -* ]] || words+=\" $(_bulkhead_names ")
                        .append(lister(command))
                        .append(" \"$home\")\"");
            }
            out.append(" ;;\n");
        }
        out.append("""
                    esac
                    COMPREPLY=($(compgen -W "$words" -- "$cur"))
                }
                _bulkhead_names() {
                    if [[ -n $2 ]]; then bulkhead $1 --home "$2" 2>/dev/null; else bulkhead $1 2>/dev/null; fi
                }
                complete -F _bulkhead bulkhead
                """);
        return out.toString();
    }

    private static String zsh() {
        StringBuilder out = new StringBuilder();
        out.append("""
                #compdef bulkhead
                # zsh completion for bulkhead: source <(bulkhead completion zsh), after compinit
                _bulkhead() {
                    local -a commands
                    commands=(
                """);
        for (Command command : visible()) {
            out.append("        ")
                    .append(quote(command.name() + ":" + command.summary().replace(":", "\\:")))
                    .append('\n');
        }
        out.append("""
                    )
                    if (( CURRENT == 2 )); then
                        _describe -t commands 'command' commands
                        return
                    fi
                    case ${words[2]} in
                """);
        for (Command command : visible()) {
            out.append("        ").append(command.name());
            for (String alias : command.aliases()) {
                out.append('|').append(alias);
            }
            out.append(") _arguments");
            for (Option option : optionsOf(command)) {
                out.append(" \\\n            ").append(zshOption(option));
            }
            out.append(" \\\n            ")
                    .append(quote("*:"
                            + (takesTunnels(command)
                                    ? "tunnel:(" + join(TunnelCommand.VERBS) + " $(bulkhead __tunnels 2>/dev/null))"
                                    : takesApps(command)
                                            ? "app:($(bulkhead __apps 2>/dev/null) all)"
                                            : command.name().equals("completion") ? "shell:(bash zsh fish)" : ": ")));
            out.append(" ;;\n");
        }
        return out.append("    esac\n}\nif (( $+functions[compdef] )); then compdef _bulkhead bulkhead; fi\n")
                .toString();
    }

    private static String zshOption(Option option) {
        String help = option.help().replace("[", "(").replace("]", ")").replace(":", "\\:");
        String value = option.isFlag()
                ? ""
                : ":" + option.value() + ":"
                        + (option.value().equals("FILE")
                                ? "_files"
                                : option.value().equals("DIR") ? "_files -/" : " ");
        if (option.letter().isEmpty()) {
            return quote("--" + option.name() + "[" + help + "]" + value);
        }
        return "{-" + option.letter() + ",--" + option.name() + "}" + quote("[" + help + "]" + value);
    }

    private static String fish() {
        StringBuilder out = new StringBuilder();
        out.append("# fish completion for bulkhead: bulkhead completion fish | source\ncomplete -c bulkhead -f\n");
        for (Command command : visible()) {
            out.append("complete -c bulkhead -n __fish_use_subcommand -a ")
                    .append(command.name())
                    .append(" -d ")
                    .append(quote(command.summary()))
                    .append('\n');
            String when = " -n "
                    + quote("__fish_seen_subcommand_from " + command.name()
                            + (command.aliases().isEmpty() ? "" : " " + join(command.aliases())));
            for (Option option : command.options()) {
                fishOption(out, when, option);
            }
            if (takesApps(command)) {
                out.append("complete -c bulkhead").append(when).append(" -a '(bulkhead __apps 2>/dev/null) all'\n");
            } else if (takesTunnels(command)) {
                out.append("complete -c bulkhead")
                        .append(when)
                        .append(" -a '" + join(TunnelCommand.VERBS) + " (bulkhead __tunnels 2>/dev/null)'\n");
            }
        }
        for (Option option : Commands.GLOBAL) {
            fishOption(out, "", option);
        }
        return out.append("complete -c bulkhead -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n")
                .toString();
    }

    private static void fishOption(StringBuilder out, String when, Option option) {
        out.append("complete -c bulkhead").append(when).append(" -l ").append(option.name());
        if (!option.letter().isEmpty()) {
            out.append(" -s ").append(option.letter());
        }
        if (!option.isFlag()) {
            out.append(option.value().equals("FILE") || option.value().equals("DIR") ? " -r -F" : " -x");
        }
        out.append(" -d ").append(quote(option.help())).append('\n');
    }

    private static List<Command> visible() {
        List<Command> visible = new ArrayList<>();
        for (Command command : Commands.all()) {
            if (command.group() != Group.HIDDEN && command.group() != Group.LATER) {
                visible.add(command);
            }
        }
        return visible;
    }

    private static List<String> commands() {
        List<String> names = new ArrayList<>();
        for (Command command : visible()) {
            names.add(command.name());
        }
        return names;
    }

    private static List<String> wordsAfter(Command command) {
        List<String> words = options(optionsOf(command));
        if (command.name().equals("completion")) {
            words.addAll(List.of("bash", "zsh", "fish"));
        } else if (command.name().equals("help")) {
            words.addAll(commands());
        } else if (takesTunnels(command)) {
            words.addAll(TunnelCommand.VERBS);
        } else if (takesApps(command)) {
            words.add("all");
        }
        return words;
    }

    private static List<Option> optionsOf(Command command) {
        List<Option> options = new ArrayList<>(command.options());
        options.addAll(Commands.GLOBAL);
        return options;
    }

    private static List<String> options(List<Option> options) {
        List<String> words = new ArrayList<>();
        for (Option option : options) {
            words.add("--" + option.name());
        }
        return words;
    }

    /** The hidden command that prints the names it takes. */
    private static String lister(Command command) {
        return takesTunnels(command) ? "__tunnels" : "__apps";
    }

    private static boolean takesTunnels(Command command) {
        return command.name().equals("tunnel");
    }

    private static boolean takesApps(Command command) {
        return command.arguments().contains("APP");
    }

    private static String join(List<String> words) {
        return String.join(" ", words);
    }

    private static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
