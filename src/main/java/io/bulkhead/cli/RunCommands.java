package io.bulkhead.cli;

import io.bulkhead.cli.Command.Group;
import java.util.List;

/** The commands that start, stop and change what runs. */
final class RunCommands {

    private RunCommands() {}

    static void addTo(List<Command> table) {
        table.add(new Command(
                "up",
                List.of(),
                "",
                0,
                0,
                "run everything in a file, with a live view; Ctrl-C stops all",
                "The daemon lives as long as the command does; with -d it stays. A daemon that already runs on the same home is an error.",
                List.of(
                        Commands.FILE,
                        new Option("detach", "d", "", "leave a daemon running and return when all apps are ready"),
                        Commands.SKIP,
                        Commands.FORCE),
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
                        Commands.FORCE),
                Group.RUN));
        table.add(new Command(
                "apply",
                List.of(),
                "[APP]",
                0,
                1,
                "show the difference between file and running state, then make it so",
                "Only what changed is touched. Apps that the file no longer has are listed first and stopped, if they came from it.",
                List.of(
                        Commands.FILE,
                        new Option("dry-run", "n", "", "only show what would be done"),
                        Commands.SKIP,
                        Commands.FORCE,
                        Commands.NO_WAIT),
                Group.RUN));
        table.add(new Command(
                "start",
                List.of(),
                "SCRIPT|APP...",
                1,
                Commands.ANY,
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
                        Commands.SKIP,
                        Commands.FORCE,
                        Commands.NO_WAIT),
                Group.RUN));
        table.add(new Command(
                "stop",
                List.of(),
                "APP...",
                1,
                Commands.ANY,
                "stop apps; it holds until start, also across a reboot",
                "Sends stop_signal, and kills what is left after stop_grace_period.",
                Commands.WAITING,
                Group.RUN));
        table.add(new Command(
                "restart",
                List.of(),
                "APP...",
                1,
                Commands.ANY,
                "stop and start apps, reading env_file again",
                "bulkhead.yaml is not read: bulkhead apply does that.",
                Commands.CHECKED,
                Group.RUN));
        table.add(new Command(
                "reload",
                List.of(),
                "APP...",
                1,
                Commands.ANY,
                "replace apps instance by instance, without losing a request",
                "The new one must be ready, and well where there is a healthcheck, before the old one is drained; when it fails, the old one"
                        + " goes on and the exit code is 6. Reads env_file again, not bulkhead.yaml: bulkhead apply does that.",
                Commands.CHECKED,
                Group.RUN));
        table.add(new Command(
                "scale",
                List.of(),
                "APP N",
                2,
                2,
                "run N instances of an app (0 to 1000)",
                "Holds until the app's \"instances\" in bulkhead.yaml are applied again.",
                Commands.WAITING,
                Group.RUN));
        table.add(new Command(
                "delete",
                List.of("del", "rm"),
                "APP...",
                1,
                Commands.ANY,
                "stop apps and forget them",
                "An app that a file brought comes back with the next apply of that file.",
                Commands.WAITING,
                Group.RUN));
        table.add(new Command(
                "signal",
                List.of(),
                "SIGNAL APP...",
                2,
                Commands.ANY,
                "send a signal to the program of an app",
                "",
                Commands.NONE,
                Group.RUN));
        table.add(new Command(
                "reset",
                List.of(),
                "APP...",
                1,
                Commands.ANY,
                "forget crashes and back-off, and try again at once",
                "",
                Commands.NONE,
                Group.RUN));
        table.add(new Command(
                "tunnel",
                List.of("tunnels"),
                "open|list|close|key|trust [NAME | FORWARD VIA]",
                1,
                Commands.ANY,
                "supervised ssh forwards: open, list, close; make a key, trust a host key",
                "open NAME starts a tunnel of bulkhead.yaml; open FORWARD VIA ([127.0.0.1:]5433:localhost:5432 user@host[:port]) opens one that ends"
                        + " with this command and its terminal, however they end. close NAME closes it; a declared one until it is opened again. key"
                        + " NAME, or key FORWARD VIA, makes its key where it has none, and prints the line for the server's authorized_keys that"
                        + " lets it through to its target and nothing else. trust NAME, or trust VIA, shows the server's host key and asks once"
                        + " whether it is the right one; in a script --fingerprint answers. Nothing of ~/.ssh is used, no agent, no shell. max_age"
                        + " and idle never close a tunnel that a client is connected to.",
                List.of(
                        new Option("for", "", "TIME", "open: close it after this time, once no client is connected"),
                        new Option("idle", "", "TIME", "open: close it after this time without a client"),
                        new Option("key", "", "FILE", "open, key: the private key to use"),
                        new Option("name", "", "NAME", "open, key: what to call it; default open-PORT"),
                        new Option(
                                "fingerprint", "", "SHA256:TEXT", "trust, open: trust the host key if it is this one"),
                        Commands.NO_WAIT),
                Group.RUN));
        table.add(new Command(
                "shutdown",
                List.of("down"),
                "",
                0,
                0,
                "end the daemon, and its apps in order",
                "",
                List.of(new Option("keep-apps", "", "", "leave the apps running"), Commands.NO_WAIT),
                Group.RUN));
    }
}
