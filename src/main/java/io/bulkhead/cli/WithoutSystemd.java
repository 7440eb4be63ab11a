package io.bulkhead.cli;

import io.bulkhead.spec.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What to put where so that the daemon starts at boot, on a host whose first process is not systemd. Nothing is changed there. */
final class WithoutSystemd {

    private WithoutSystemd() {}

    static List<String> advice(Caller caller, Home home, Path launcher, Optional<Path> config) {
        String command = command(home, launcher, config);
        List<String> lines = new ArrayList<>();
        lines.add("no systemd starts services " + (caller.root() ? "here" : "for you here")
                + ", so nothing was changed. What to put where:");
        if (caller.root() && Files.isExecutable(caller.systemRoot().resolve("sbin/openrc-run"))) {
            lines.add("");
            lines.add("/etc/init.d/bulkhead, mode 0755; then: rc-update add bulkhead default");
            openrc(command).forEach(line -> lines.add("    " + line));
            return lines;
        }
        if (caller.root() && Files.exists(caller.systemRoot().resolve("etc/rc.local"))) {
            lines.add("");
            lines.add("/etc/rc.local, before its last line (exit 0):");
            lines.add("    setsid " + command + " </dev/null >/dev/null 2>&1 &");
        }
        lines.add("");
        lines.add("crontab -e, one line (needs a cron daemon):");
        lines.add("    @reboot " + command + " >/dev/null 2>&1");
        lines.add("");
        lines.add("in a container, as its command:");
        lines.add("    " + command);
        lines.add("");
        lines.add("nobody restarts the daemon then when it dies: the apps go on, and this line finds them again");
        return lines;
    }

    private static String command(Home home, Path launcher, Optional<Path> config) {
        StringBuilder command = new StringBuilder(quoted(launcher)).append(" daemon");
        config.ifPresent(file -> command.append(" --config ").append(quoted(file)));
        if (!home.system()) {
            command.append(" --home ").append(quoted(home.folder()));
        }
        return command.toString();
    }

    /** supervise-daemon(8) restarts it; SIGTERM stops the apps in order. */
    private static List<String> openrc(String command) {
        int program = command.indexOf(" daemon");
        return List.of(
                "#!/sbin/openrc-run",
                "supervisor=supervise-daemon",
                "command=" + command.substring(0, program),
                "command_args=\"" + command.substring(program + 1) + "\"",
                "respawn_delay=1",
                "retry=\"TERM/90/KILL/5\"",
                "depend() {",
                "    need net localmount",
                "    after postgresql mysql mariadb redis",
                "}");
    }

    private static String quoted(Path path) {
        String text = path.toString();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(Character.isLetterOrDigit(c) || "/._-+".indexOf(c) >= 0)) {
                return "'" + text.replace("'", "'\\''") + "'";
            }
        }
        return text;
    }
}
