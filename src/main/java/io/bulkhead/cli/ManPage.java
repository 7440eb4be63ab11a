package io.bulkhead.cli;

import io.bulkhead.api.Version;
import java.util.List;

/** The manual page bulkhead(1) in the macros of man(7), from the same table as everything else. */
final class ManPage {

    private final StringBuilder out = new StringBuilder(16 << 10);

    private ManPage() {}

    static String text() {
        return new ManPage().page();
    }

    private String page() {
        raw(".TH BULKHEAD 1 \"\" \"Bulkhead " + Version.TEXT + "\" \"User Commands\"");
        section("NAME");
        text("bulkhead - keep the programs of one Linux server running, each in its own memory compartment");
        section("SYNOPSIS");
        raw(".B bulkhead");
        raw("COMMAND [OPTIONS] [APP...]");
        section("DESCRIPTION");
        text(
                "Bulkhead starts the programs that bulkhead.yaml names, keeps each in a memory compartment of its own, watches"
                        + " them, starts them again when they end, and explains why they ended. A daemon does the work; the commands"
                        + " talk to it over a unix socket.");
        raw(".PP");
        text(
                "APP is the name of an app, a name with an instance (api/2), or all. Commands that change something return when"
                        + " it is done or has failed; with --no-wait at once.");
        options("OPTIONS OF EVERY COMMAND", Commands.GLOBAL);
        for (Command.Group group : Command.Group.values()) {
            if (group != Command.Group.HIDDEN && group != Command.Group.LATER) {
                section("COMMANDS: " + group.title().toUpperCase(java.util.Locale.ROOT));
                group(group);
            }
        }
        later();
        exitCodes();
        files();
        http();
        json();
        return out.toString();
    }

    private void group(Command.Group group) {
        for (Command command : Commands.all()) {
            if (command.group() != group) {
                continue;
            }
            raw(".TP");
            raw(".B " + escape(Help.usage(command)));
            text(Help.sentence(command.summary()) + (command.details().isEmpty() ? "" : " " + command.details()));
            if (!command.aliases().isEmpty()) {
                text("Also called: " + String.join(", ", command.aliases()) + ".");
            }
            if (!command.options().isEmpty()) {
                raw(".RS");
                entries(command.options());
                raw(".RE");
            }
        }
    }

    private void later() {
        section("NOT AVAILABLE YET");
        StringBuilder names = new StringBuilder();
        for (Command command : Commands.all()) {
            if (command.group() == Command.Group.LATER) {
                names.append(names.isEmpty() ? "" : ", ").append(command.name());
            }
        }
        text(names + ". They say so and end with 1.");
    }

    private void exitCodes() {
        section("EXIT STATUS");
        String[][] codes = {
            {"0", "Done."},
            {"1", "It failed."},
            {"2", "Bad usage, or the configuration's text is wrong."},
            {"3", "No daemon."},
            {"4", "No such app or release."},
            {"5", "The host or a check says no."},
            {"6", "Rolled back."},
        };
        for (String[] code : codes) {
            raw(".TP");
            raw(".B " + code[0]);
            text(code[1]);
        }
    }

    private void files() {
        section("FILES");
        String[][] files = {
            {"/etc/bulkhead/bulkhead.yaml", "Configuration of root's daemon; then /etc/bulkhead/conf.d/*.yaml."},
            {"/var/lib/bulkhead", "State and history."},
            {"/var/log/bulkhead", "Logs of the apps."},
            {"/run/bulkhead/bulkhead.sock", "The daemon's socket, mode 0660, group bulkhead where that exists."},
            {
                "$BULKHEAD_HOME",
                "With --home, BULKHEAD_HOME, or for an ordinary user ($XDG_STATE_HOME/bulkhead or"
                        + " ~/.local/state/bulkhead), bulkhead.yaml and the folders state, log and run in it take these places."
            },
        };
        for (String[] file : files) {
            raw(".TP");
            raw(".I " + escape(file[0]));
            text(file[1]);
        }
    }

    private void json() {
        section("JSON");
        text(
                "Sizes are bytes, times RFC 3339, durations seconds; what is not known is null. The keys of status, incidents, check and"
                        + " events are those of the specification. memory --json has:");
        String[][] keys = {
            {
                "host",
                "memory_bytes, available_bytes, reserve_bytes, outside_bytes (what runs outside of the apps), swap_bytes,"
                        + " swap_free_bytes"
            },
            {
                "budget",
                "wanted_bytes, for_apps_bytes, over, sum (the arithmetic, a line each), replaced_stop_first (apps whose second"
                        + " generation does not fit)"
            },
            {"pools", "name, memory_bytes, memory_limit_bytes, apps"},
            {
                "apps",
                "name, memory_bytes, memory_limit_bytes, memory_drain_bytes, memory_buffer_percent, pool, memory_peak_bytes (of this"
                        + " program, kept across restarts), memory_usual_peak_bytes (99 of 100 hours stay below), observed_hours,"
                        + " headroom_percent, recommended_bytes (a limit that fits), peaks_before (since, memory_peak_bytes), instances"
            },
            {
                "instances",
                "index, run, state, memory_enforcement (kernel, sampled, none), memory_bytes, page_cache_bytes,"
                        + " memory_peak_bytes (of this run), trend (too-early, flat, growing, leak), trend_bytes_per_hour, limit_in_seconds"
            },
            {"findings", "as check --json"},
        };
        for (String[] key : keys) {
            raw(".TP");
            raw(".B " + key[0]);
            text(key[1] + ".");
        }
    }

    private void http() {
        section("HTTP");
        text(
                "The socket speaks HTTP/1.1 and JSON: GET /v1/status, /v1/apps, /v1/apps/APP, /v1/logs/APP (n, since, grep, follow,"
                        + " err, prefix), /v1/events (server-sent events with Last-Event-ID; follow=0 and after=SEQ for a page of JSON"
                        + " lines), /v1/incidents, /v1/incidents/ID, /v1/memory (app), /v1/doctor; POST /v1/apps/APP/VERB and /v1/apps/APP/INSTANCE/VERB"
                        + " (start, stop, restart, reload, scale, delete, reset, signal), /v1/scripts (name, command, working_dir, path, instances, memory), /v1/apply, /v1/shutdown. Root and the daemon's own user may do"
                        + " all; others whom the socket's mode lets in may read, start, stop, restart and reload.");
        raw(".PP");
        raw(".nf");
        text("curl --unix-socket /run/bulkhead/bulkhead.sock http://localhost/v1/status");
        raw(".fi");
    }

    private void options(String title, List<Option> options) {
        section(title);
        entries(options);
    }

    private void entries(List<Option> options) {
        for (Option option : options) {
            raw(".TP");
            raw(".B " + escape(option.written()));
            text(Help.sentence(option.help()));
        }
    }

    private void section(String title) {
        raw(".SH " + (title.indexOf(' ') < 0 ? title : "\"" + title + "\""));
    }

    private void text(String text) {
        String escaped = escape(text);
        raw(escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped);
    }

    private void raw(String line) {
        out.append(line).append('\n');
    }

    /** A bare minus is a hyphen to troff, and cannot be searched for or copied as an option. */
    private static String escape(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }
}
