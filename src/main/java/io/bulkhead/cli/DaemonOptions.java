package io.bulkhead.cli;

import io.bulkhead.spec.Home;
import java.nio.file.Path;
import java.util.Set;

/**
 * What {@code up} and {@code daemon} were asked to do.
 *
 * @param file the configuration, absolute; need not exist
 * @param named whether somebody asked for this very file
 * @param home where this daemon's files are
 * @param live {@code up}: in the foreground with a live view, and Ctrl-C stops everything
 * @param detach {@code up -d}: leave a daemon, return when all apps are ready
 * @param replace {@code daemon --replace}
 * @param force go on where the host says no
 * @param skipped checks that {@code up} leaves out
 * @param colour whether the live view may paint
 */
public record DaemonOptions(
        Path file,
        boolean named,
        Home home,
        boolean live,
        boolean detach,
        boolean replace,
        boolean force,
        Set<String> skipped,
        boolean colour) {}
