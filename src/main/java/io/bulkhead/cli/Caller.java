package io.bulkhead.cli;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * Who called, from where, and what they look at. Everything a command needs from outside comes through here, so that a
 * test is a caller like any other.
 *
 * @param root whether this process may do everything
 * @param directory where relative paths begin
 * @param systemRoot {@code /}, except in tests
 * @param out for results
 * @param err for errors and progress
 * @param terminal whether {@code out} is a terminal
 * @param errTerminal whether {@code err} is one
 * @param columns width of the terminal, 0 when unknown
 * @param preflight what {@code check} asks about this machine
 * @param starter leaves a daemon where there is none
 */
public record Caller(
        Map<String, String> environment,
        boolean root,
        Path directory,
        Path systemRoot,
        OutputStream out,
        OutputStream err,
        boolean terminal,
        boolean errTerminal,
        int columns,
        Preflight preflight,
        DaemonStarter starter) {

    /** Whether the locale can show more than ASCII. */
    boolean unicode() {
        String locale = environment.getOrDefault("LC_ALL", "");
        if (locale.isEmpty()) {
            locale = environment.getOrDefault("LC_CTYPE", "");
        }
        if (locale.isEmpty()) {
            locale = environment.getOrDefault("LANG", "");
        }
        return locale.endsWith("UTF-8")
                || locale.endsWith("utf8")
                || locale.endsWith("UTF8")
                || locale.endsWith("utf-8");
    }
}
