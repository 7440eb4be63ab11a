package io.bulkhead.cli;

import io.bulkhead.cli.Command.Group;
import java.util.List;

/** The commands that show what runs, what was, and what is around it. */
final class LookCommands {

    private LookCommands() {}

    static void addTo(List<Command> table) {
        table.add(new Command(
                "status",
                List.of("ls", "list", "ps"),
                "[APP]",
                0,
                1,
                "table of apps: state, pid, uptime, restarts, memory, CPU",
                "",
                Commands.NONE,
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
                Commands.NONE,
                Group.LOOK));
        table.add(new Command(
                "env",
                List.of(),
                "APP",
                1,
                1,
                "with which variables an app runs, and what has changed since it started",
                "Compares what the process was started with, what Node has by now (where it runs with Bulkhead's preload), what env_file and"
                        + " bulkhead.yaml would give it now, and the file on disk. A change on disk is an event, env.drift, and shown in status. Values that may be secrets are masked; differences are told by fingerprints that"
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
                "Tells which manager runs each (PM2, supervisord, systemd), how to stop it there, and whether it is a second copy of an app. Pools of PHP-FPM with their queue, where"
                        + " pm.status_path is set. Then how many descriptors each instance of an app has open, and how fast they become more.",
                Commands.NONE,
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
                Commands.NONE,
                Group.LOOK));
        table.add(new Command(
                "connections",
                List.of(),
                "",
                0,
                0,
                "who holds which connection to a database, and whether what is planned fits",
                "Joins what the server says (externals: {NAME: {url: ...}}) with the kernel's sockets; without url only the latter. leak?: idle in a"
                        + " transaction for 10 s; checked out of pg's pool and idle for longer than that keeps what was given back; closed by the"
                        + " server alone. (old): of a run that is being replaced.",
                Commands.NONE,
                Group.LOOK));
        table.add(new Command(
                "show",
                List.of("info"),
                "APP",
                1,
                1,
                "all of one app: settings, environment (masked), last exits",
                "",
                Commands.NONE,
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
                Commands.NONE,
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
                "What is wrong comes first: apps, ports, externals, orphaned tunnels, variables that differ from the disk, then the host itself; then"
                        + " what is worth knowing, such as programs that nobody manages. Without a daemon: what one would find.",
                Commands.NONE,
                Group.LOOK));
    }
}
