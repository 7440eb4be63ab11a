package io.bulkhead.cli;

import io.bulkhead.spec.Home;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The systemd unit of one home's daemon. Nothing in it confines the daemon (no mount namespace, no system call filter, no NoNewPrivileges, no limits): every
 * program would inherit that, and could not be given it back.
 *
 * @param launcher the installed {@code bin/bulkhead}, absolute
 * @param home the daemon's
 * @param config its configuration; empty for the home's own
 * @param user whether it belongs to the user's own service manager
 * @param scope the unit that will hold the programs
 */
record BootUnit(Path launcher, Home home, Optional<Path> config, boolean user, String scope) {

    /** {@code bulkhead.service}; a home that was named has its folder's name in it. */
    static String name(Home home, boolean named) {
        if (home.system() || !named) {
            return "bulkhead.service";
        }
        StringBuilder name = new StringBuilder("bulkhead-");
        String folder = home.folder().toAbsolutePath().toString();
        for (int i = 1; i < folder.length(); i++) {
            char c = folder.charAt(i);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_';
            name.append(plain ? c : '-');
        }
        return name.append(".service").toString();
    }

    String text() {
        StringBuilder text = new StringBuilder(2_000);
        text.append(
                "# Written by: bulkhead startup. Removed by: bulkhead unstartup. What you want otherwise belongs into a file\n");
        text.append("# beside it: systemctl ").append(user ? "--user " : "").append("edit bulkhead\n\n");
        text.append("[Unit]\nDescription=Bulkhead, keeps programs running\nDocumentation=man:bulkhead(1)\n");
        if (!user) {
            text.append("Wants=network-online.target\n");
            text.append("After=network-online.target remote-fs.target nss-user-lookup.target time-sync.target\n");
            text.append(
                    "# What the programs may need is there before them, and is still there while they are drained.\n");
            text.append("After=postgresql.service mysql.service mariadb.service redis-server.service redis.service\n");
            text.append("After=mongod.service rabbitmq-server.service memcached.service docker.service\n");
        }
        text.append(
                "# The programs live in a scope of their own: at power-off it ends after this service has drained them.\n");
        text.append("After=").append(scope).append('\n');
        text.append("StartLimitIntervalSec=0\n\n");
        text.append("[Service]\nType=notify\nNotifyAccess=main\n");
        text.append("ExecStart=")
                .append(command("daemon --replace", "--config"))
                .append('\n');
        text.append("ExecReload=").append(command("apply", "-f")).append('\n');
        text.append(
                "# Whatever ends the daemon ends no program; 0: a person ended it; 2, 5: its configuration or the host says no.\n");
        text.append(
                "Restart=always\nRestartSec=500ms\nRestartPreventExitStatus=0 2 5\nKillMode=process\nOOMPolicy=continue\n");
        text.append("WatchdogSec=30s\nTimeoutStartSec=5min\n");
        text.append("# While it drains programs it asks for more.\nTimeoutStopSec=90s\n");
        text.append("Delegate=yes\nTasksMax=infinity\n\n");
        text.append("[Install]\nWantedBy=")
                .append(user ? "default.target" : "multi-user.target")
                .append('\n');
        return text.toString();
    }

    private String command(String words, String fileOption) {
        StringBuilder command =
                new StringBuilder(quoted(launcher.toString())).append(' ').append(words);
        if (config.isPresent() || words.equals("apply")) {
            command.append(' ').append(fileOption).append(' ');
            command.append(quoted(config.orElse(home.config()).toString()));
        }
        if (!home.system()) {
            command.append(" --home ").append(quoted(home.folder().toString()));
        }
        return command.toString();
    }

    /** As systemd.service(5) reads a command line: {@code %} and {@code $} mean something there. */
    private static String quoted(String word) {
        String literal = word.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("%", "%%")
                .replace("$", "$$");
        return literal.equals(word) && word.indexOf(' ') < 0 && word.indexOf('\'') < 0 ? word : "\"" + literal + "\"";
    }
}
