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

    private static final Option FILE =
            new Option("file", "f", "FILE", "the configuration; default ./bulkhead.yaml, then the home's");
    private static final Option NO_WAIT = new Option("no-wait", "", "", "return at once instead of when it is done");
    private static final Option FORCE =
            new Option("force", "", "", "go on although the host or a check says no; it is recorded in events");
    private static final Option SKIP = new Option(
            "skip", "", "CHECK...", "leave out a check, by the name that it is shown with; it is recorded in events");
    private static final List<Option> CHECKED = List.of(SKIP, FORCE, NO_WAIT);
    private static final List<Option> WAITING = List.of(NO_WAIT);
    private static final List<Option> NONE = List.of();
    private static final int ANY = Integer.MAX_VALUE;

    private static final List<Command> ALL = table();

    private Commands() {}

    static List<Command> all() {
        return ALL;
    }

    private static List<Command> table() {
        List<Command> table = new ArrayList<>(64);
        run(table);
        look(table);
        configure(table);
        shell(table);
        later(table);
        return table;
    }

    private static void run(List<Command> table) {
        table.add(new Command(
                "up",
                List.of(),
                "",
                0,
                0,
                "run everything in a file, with a live view; Ctrl-C stops all",
                "The daemon lives as long as the command does; with -d it stays. A daemon that already runs on the same home is an error.",
                List.of(
                        FILE,
                        new Option("detach", "d", "", "leave a daemon running and return when all apps are ready"),
                        SKIP,
                        FORCE),
                Group.RUN));
        table.add(new Command(
                "daemon",
                List.of(),
                "",
                0,
                0,
                "the long-running daemon, what a boot service runs",
                "With --replace the apps go on as they are: what has changed in the file waits for bulkhead apply. When the new daemon"
                        + " cannot begin, the old one goes on. Where systemd runs the daemon, systemctl restart does the same.",
                List.of(
                        new Option("config", "", "FILE", "the configuration; default the home's"),
                        new Option("replace", "", "", "take over from the daemon that runs, without touching an app"),
                        new Option(
                                "skip",
                                "",
                                "CHECK...",
                                "a check that up has left out, for the record: a daemon asks none"),
                        FORCE),
                Group.RUN));
        table.add(new Command(
                "apply",
                List.of(),
                "[APP]",
                0,
                1,
                "show the difference between file and running state, then make it so",
                "Only what changed is touched. Apps that the file no longer has are listed first and stopped, if they came from it.",
                List.of(FILE, new Option("dry-run", "n", "", "only show what would be done"), SKIP, FORCE, NO_WAIT),
                Group.RUN));
        table.add(new Command(
                "start",
                List.of(),
                "SCRIPT|APP...",
                1,
                ANY,
                "start apps, single instances (app/2), all, or a script that no file describes",
                "Returns when they are ready. A stopped app stays stopped until this, also across a reboot. A SCRIPT becomes an app that runs here, in this"
                        + " folder, with your PATH and no other variable of your shell: node runs .js, .cjs, .mjs and .ts, python3 .py, php .php, sh .sh;"
                        + " what is executable runs as it is. What stands after -- is for the script. It is kept until delete, across restarts of the"
                        + " daemon; where none runs, one is started. Started again from the same folder it is changed to what is said then. Only root and"
                        + " the daemon's own user may start one.",
                List.of(
                        new Option("name", "n", "NAME", "what the script is called as an app; default its file's name"),
                        new Option("instances", "i", "N", "how many of the script: a number, or max, one a CPU"),
                        new Option(
                                "memory",
                                "",
                                "SIZE",
                                "the script's hard limit of memory for each instance, such as 512M"),
                        SKIP,
                        FORCE,
                        NO_WAIT),
                Group.RUN));
        table.add(new Command(
                "stop",
                List.of(),
                "APP...",
                1,
                ANY,
                "stop apps; it holds until start, also across a reboot",
                "Sends stop_signal, and kills what is left after stop_grace_period.",
                WAITING,
                Group.RUN));
        table.add(new Command(
                "restart",
                List.of(),
                "APP...",
                1,
                ANY,
                "stop and start apps, reading env_file again",
                "bulkhead.yaml is not read: bulkhead apply does that.",
                CHECKED,
                Group.RUN));
        table.add(new Command(
                "reload",
                List.of(),
                "APP...",
                1,
                ANY,
                "replace apps instance by instance, without losing a request",
                "The new one must be ready, and well where there is a healthcheck, before the old one is drained; when it fails, the old one"
                        + " goes on and the exit code is 6. Reads env_file again, not bulkhead.yaml: bulkhead apply does that.",
                CHECKED,
                Group.RUN));
        table.add(new Command(
                "scale",
                List.of(),
                "APP N",
                2,
                2,
                "run N instances of an app (0 to 1000)",
                "Holds until the app's \"instances\" in bulkhead.yaml are applied again.",
                WAITING,
                Group.RUN));
        table.add(new Command(
                "delete",
                List.of("del", "rm"),
                "APP...",
                1,
                ANY,
                "stop apps and forget them",
                "An app that a file brought comes back with the next apply of that file.",
                WAITING,
                Group.RUN));
        table.add(new Command(
                "signal",
                List.of(),
                "SIGNAL APP...",
                2,
                ANY,
                "send a signal to the program of an app",
                "",
                NONE,
                Group.RUN));
        table.add(new Command(
                "reset",
                List.of(),
                "APP...",
                1,
                ANY,
                "forget crashes and back-off, and try again at once",
                "",
                NONE,
                Group.RUN));
        table.add(new Command(
                "shutdown",
                List.of("down"),
                "",
                0,
                0,
                "end the daemon, and its apps in order",
                "",
                List.of(new Option("keep-apps", "", "", "leave the apps running"), NO_WAIT),
                Group.RUN));
    }

    private static void look(List<Command> table) {
        table.add(new Command(
                "status",
                List.of("ls", "list", "ps"),
                "[APP]",
                0,
                1,
                "table of apps: state, pid, uptime, restarts, memory, CPU",
                "",
                NONE,
                Group.LOOK));
        table.add(new Command(
                "memory",
                List.of("mem"),
                "[APP]",
                0,
                1,
                "who uses how much memory, where it leads, and what would fit",
                "now: what cannot be dropped (page cache is not in it). peak: its highest, by looks at it. headroom: what is free above"
                        + " the peak, in percent of it. fits: a limit that leaves memory_buffer above the usual peak and the peak below the"
                        + " drain mark. trend: of what is left after collections; a time is told only when a leak is established."
                        + " Keys of --json: see the section JSON of the manual.",
                NONE,
                Group.LOOK));
        table.add(new Command(
                "env",
                List.of(),
                "APP",
                1,
                1,
                "with which variables an app runs, and what has changed since it started",
                "Compares what the process was started with (what it sets itself later does not show), what env_file and bulkhead.yaml would give it"
                        + " now, and the file on disk. Values that may be secrets are masked; differences are told by fingerprints that"
                        + " mean nothing outside of one answer.",
                List.of(new Option("diff", "", "", "only what differs")),
                Group.LOOK));
        table.add(new Command(
                "processes",
                List.of(),
                "",
                0,
                0,
                "node and php processes that nobody manages, or somebody else does",
                "Tells which manager runs each (PM2, supervisord, systemd), how to stop it there, and whether it is a second copy of an app.",
                NONE,
                Group.LOOK));
        table.add(new Command(
                "ports",
                List.of(),
                "",
                0,
                0,
                "who owns which port: expected and actual, v4 and v6, tunnels",
                "First what apps (listen) and externals need: who really has it, or that nobody has. Then every other TCP listener."
                        + " orphan-tunnel: an ssh that lost its shell; port_guard: {orphan_tunnels: close} ends one that holds a needed port.",
                NONE,
                Group.LOOK));
        table.add(new Command(
                "connections",
                List.of(),
                "",
                0,
                0,
                "who holds which connection to a database, and whether what is planned fits",
                "Joins what the server says (externals: {NAME: {url: …}}) with the kernel's sockets; without url only the latter. leak?: idle in a"
                        + " transaction for 10 s; checked out of pg's pool and idle for longer than that keeps what was given back; closed by the"
                        + " server alone. (old): of a run that is being replaced.",
                NONE,
                Group.LOOK));
        table.add(new Command(
                "show",
                List.of("info"),
                "APP",
                1,
                1,
                "all of one app: settings, environment (masked), last exits",
                "",
                NONE,
                Group.LOOK));
        table.add(new Command(
                "logs",
                List.of("log"),
                "[APP]",
                0,
                1,
                "show the output of apps, instances merged",
                "TIME is a time (2026-11-21T10:00:00Z) or a duration back from now (10m).",
                List.of(
                        new Option("follow", "f", "", "go on with what comes"),
                        new Option("lines", "n", "N", "the last N lines; default 50, all with --since"),
                        new Option("since", "", "TIME", "from this time on"),
                        new Option("grep", "", "REGEX", "only lines that match"),
                        new Option("err", "", "", "only standard error, where it is kept apart"),
                        new Option("daemon", "", "", "the daemon's own log"),
                        new Option("path", "", "", "only print where the files are")),
                Group.LOOK));
        table.add(new Command(
                "why",
                List.of(),
                "[APP|INCIDENT]",
                0,
                1,
                "the last incident as cause, evidence, consequence, advice",
                "",
                NONE,
                Group.LOOK));
        table.add(new Command(
                "incidents",
                List.of(),
                "[APP]",
                0,
                1,
                "what went wrong, newest first",
                "",
                List.of(new Option("lines", "n", "N", "at most N; default 20")),
                Group.LOOK));
        table.add(new Command(
                "events",
                List.of(),
                "[APP]",
                0,
                1,
                "what happened, newest last",
                "With --json one object a line.",
                List.of(
                        new Option("follow", "f", "", "go on with what comes"),
                        new Option("lines", "n", "N", "the last N; default 50"),
                        new Option("after", "", "SEQ", "events after this sequence number")),
                Group.LOOK));
        table.add(new Command(
                "doctor",
                List.of(),
                "",
                0,
                0,
                "what this host offers, what is degraded, what to do",
                "",
                NONE,
                Group.LOOK));
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
        table.add(new Command("__apps", List.of(), "", 0, 0, "names of apps, for completion", "", NONE, Group.HIDDEN));
    }

    private static void later(List<Command> table) {
        later(table, "top", "live full-screen view; until then: status, or up");
        later(table, "audit", "the daily report");
        later(table, "deploy", "build a release, switch to it, watch it");
        later(table, "rollback", "go back to an earlier release");
        later(table, "releases", "the releases of an app");
        later(table, "tunnel", "leased ssh forwards");
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
