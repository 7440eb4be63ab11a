package io.bulkhead.cli;

import io.bulkhead.cli.Command.Group;
import java.util.ArrayList;
import java.util.List;

/** Every command there is: the one table behind parser, help, manual page and completion. */
final class Commands {

    /** Taken by every command. */
    static final List<Option> GLOBAL = List.of(
            new Option("help", "h", "", "show what a command does and takes"),
            new Option("json", "", "", "print one JSON document instead of text"),
            new Option("home", "", "DIR", "talk to the daemon of this home instead of the usual one"),
            new Option("no-color", "", "", "no colours (also: NO_COLOR, and where the output is no terminal)"));

    static final Option FILE =
            new Option("file", "f", "FILE", "the configuration; default ./bulkhead.yaml, then the home's");
    static final Option NO_WAIT = new Option("no-wait", "", "", "return at once instead of when it is done");
    static final Option FORCE =
            new Option("force", "", "", "go on although the host or a check says no; it is recorded in events");
    static final Option SKIP = new Option(
            "skip", "", "CHECK...", "leave out a check, by the name that it is shown with; it is recorded in events");
    static final List<Option> CHECKED = List.of(SKIP, FORCE, NO_WAIT);
    static final List<Option> WAITING = List.of(NO_WAIT);
    static final List<Option> NONE = List.of();
    static final int ANY = Integer.MAX_VALUE;

    private static final List<Command> ALL = table();

    private Commands() {}

    static List<Command> all() {
        return ALL;
    }

    private static List<Command> table() {
        List<Command> table = new ArrayList<>(64);
        RunCommands.addTo(table);
        LookCommands.addTo(table);
        configure(table);
        shell(table);
        later(table);
        return table;
    }

    private static void configure(List<Command> table) {
        table.add(new Command(
                "init",
                List.of(),
                "",
                0,
                0,
                "write a first bulkhead.yaml with comments",
                "",
                List.of(new Option("file", "f", "FILE", "where to; default ./bulkhead.yaml")),
                Group.CONFIGURE));
        table.add(new Command(
                "check",
                List.of(),
                "[APP]",
                0,
                1,
                "every problem of a configuration, without starting anything",
                "Needs no daemon.",
                List.of(FILE),
                Group.CONFIGURE));
        table.add(new Command(
                "schema",
                List.of(),
                "",
                0,
                0,
                "the JSON Schema of bulkhead.yaml, for editors",
                "",
                NONE,
                Group.CONFIGURE));
        table.add(new Command(
                "save", List.of(), "", 0, 0, "nothing to do: state is always saved", "", NONE, Group.CONFIGURE));
        table.add(new Command(
                "resurrect",
                List.of(),
                "",
                0,
                0,
                "nothing to do: state is always restored",
                "",
                NONE,
                Group.CONFIGURE));
    }

    private static void shell(List<Command> table) {
        Option dryRun = new Option("dry-run", "n", "", "only show what would be done");
        table.add(new Command(
                "startup",
                List.of(),
                "",
                0,
                0,
                "have the daemon at boot: install its service, and start it",
                "As root a service of the system, else one of yours (systemd --user). A daemon that runs hands over to it; no app is touched. Without"
                        + " systemd it prints what to put where.",
                List.of(
                        new Option(
                                "file",
                                "f",
                                "FILE",
                                "the configuration; default the running daemon's, then the home's"),
                        dryRun),
                Group.CONFIGURE));
        table.add(new Command(
                "unstartup",
                List.of(),
                "",
                0,
                0,
                "remove the boot service; what runs goes on",
                "",
                List.of(dryRun),
                Group.CONFIGURE));
        table.add(new Command(
                "completion",
                List.of(),
                "bash|zsh|fish",
                1,
                1,
                "print a completion script",
                "bash: source <(bulkhead completion bash). zsh: the same with zsh, after compinit. fish: bulkhead completion fish | source.",
                NONE,
                Group.SHELL));
        table.add(new Command(
                "version",
                List.of(),
                "",
                0,
                0,
                "the version of this program and of the daemon",
                "",
                NONE,
                Group.SHELL));
        table.add(new Command(
                "help",
                List.of(),
                "[COMMAND]",
                0,
                1,
                "this overview, or the help of one command",
                "",
                NONE,
                Group.SHELL));
        table.add(new Command("man", List.of(), "", 0, 0, "print the manual page (roff)", "", NONE, Group.HIDDEN));
        table.add(new Command(
                "__tunnels", List.of(), "", 0, 0, "names of tunnels, for completion", "", NONE, Group.HIDDEN));
        table.add(new Command("__apps", List.of(), "", 0, 0, "names of apps, for completion", "", NONE, Group.HIDDEN));
    }

    private static void later(List<Command> table) {
        later(table, "top", "live full-screen view; until then: status, or up");
        later(table, "audit", "the daily report");
        later(table, "deploy", "build a release, switch to it, watch it");
        later(table, "rollback", "go back to an earlier release");
        later(table, "releases", "the releases of an app");
        later(table, "drill", "make a fault on purpose");
        later(table, "import", "write bulkhead.yaml from PM2, supervisord, systemd or a Procfile");
        later(table, "export", "the same apps for Kubernetes, Compose or systemd");
        later(table, "flush", "empty the logs of an app");
        later(table, "alert", "send a test message");
    }

    private static void later(List<Command> table, String name, String summary) {
        table.add(new Command(name, List.of(), "", 0, ANY, summary, "", NONE, Group.LATER));
    }
}
