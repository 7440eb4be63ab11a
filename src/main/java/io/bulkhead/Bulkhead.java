package io.bulkhead;

import io.bulkhead.cli.Caller;
import io.bulkhead.cli.Cli;
import io.bulkhead.linux.Self;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The program people type: every command but {@code up} and {@code daemon}. */
public final class Bulkhead {

    private Bulkhead() {}

    /** Ends the process with the exit code of the command. */
    public static void main(String[] args) {
        int exitCode = args.length == 1 && args[0].equals("__guard") ? GuardJobs.run() : Cli.run(args, caller());
        // Not exit: it loads the logging of the platform to record who ended the JVM, which costs 10 ms. Nothing of
        // ours waits
        // in a buffer or a shutdown hook; the cache that the build records is written by halt too.
        Runtime.getRuntime().halt(exitCode);
    }

    /** The person at this process's standard output. */
    public static Caller caller() {
        boolean terminal = Self.isTerminal(1);
        Map<String, String> environment = environment();
        return new Caller(
                environment,
                Self.isRoot(),
                Path.of("").toAbsolutePath(),
                Path.of("/"),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                terminal,
                Self.isTerminal(2),
                terminal ? columns(environment) : 0,
                new HostPreflight(),
                LeftDaemon::thatAnswers);
    }

    /** The launcher sets two variables for the JVM's sake, and says in properties what they were: "" for not at all. */
    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        for (String name : new String[] {"LC_ALL", "MALLOC_ARENA_MAX"}) {
            String users = System.getProperty("bulkhead.env." + name);
            if (users != null && users.isEmpty()) {
                environment.remove(name);
            } else if (users != null) {
                environment.put(name, users);
            }
        }
        return environment;
    }

    /** COLUMNS is set by the launcher from stty(1), which is cheaper there than here. */
    private static int columns(Map<String, String> environment) {
        try {
            return Integer.parseInt(environment.getOrDefault("COLUMNS", "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
