package io.bulkhead.spec;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where one daemon's files are: SPEC section 1. Pure: nothing is looked up on the disk.
 *
 * @param system whether this is root's home, in the places of the file system's standard
 * @param config the main configuration file
 * @param configFolder further files, read after {@code config} in the order of their names; empty outside root's home
 * @param state history, and what is remembered about apps
 * @param log the apps' logs
 * @param run sockets, locks, FIFOs: nothing in it outlives a reboot
 */
public record Home(boolean system, Path config, Optional<Path> configFolder, Path state, Path log, Path run) {

    public static final String VARIABLE = "BULKHEAD_HOME";

    /** Root's home; {@code root} is {@code /} except in tests and packages. */
    public static Home system(Path root) {
        return new Home(
                true,
                root.resolve("etc/bulkhead/bulkhead.yaml"),
                Optional.of(root.resolve("etc/bulkhead/conf.d")),
                root.resolve("var/lib/bulkhead"),
                root.resolve("var/log/bulkhead"),
                root.resolve("run/bulkhead"));
    }

    /** Everything in one folder. */
    public static Home at(Path folder) {
        return new Home(
                false,
                folder.resolve("bulkhead.yaml"),
                Optional.empty(),
                folder.resolve("state"),
                folder.resolve("log"),
                folder.resolve("run"));
    }

    /**
     * The home a command means.
     *
     * @param wished what {@code --home} says, "" without it
     * @param environment BULKHEAD_HOME, XDG_STATE_HOME and HOME are looked at, in this order
     * @param directory what relative paths are relative to
     * @param systemRoot {@code /}, except in tests
     */
    public static Home resolve(
            String wished, Map<String, String> environment, boolean root, Path directory, Path systemRoot) {
        String named = wished.isEmpty() ? environment.getOrDefault(VARIABLE, "") : wished;
        if (!named.isEmpty()) {
            return at(directory.resolve(named).normalize());
        }
        if (root) {
            return system(systemRoot);
        }
        String stateHome = environment.getOrDefault("XDG_STATE_HOME", "");
        if (stateHome.startsWith("/")) { // the XDG base directory specification: a relative path is to be ignored
            return at(Path.of(stateHome, "bulkhead"));
        }
        return at(Path.of(environment.getOrDefault("HOME", "/"), ".local", "state", "bulkhead"));
    }

    /** The control socket. */
    public Path socket() {
        return run.resolve("bulkhead.sock");
    }

    /** The folder as a person would name it. */
    public Path folder() {
        Path parent = system ? null : config.getParent();
        return parent == null ? state : parent;
    }
}
