package io.bulkhead;

import io.bulkhead.api.Client;
import io.bulkhead.cli.Caller;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.ServiceNotice;
import io.bulkhead.linux.Spawn;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A daemon that was just started in a session of its own, and outlives whoever started it.
 *
 * @param words where its own output goes
 */
record LeftDaemon(int pid, Pidfd process, Path words) implements AutoCloseable {

    private static final long POLL_MILLIS = 30;

    /** @param file the configuration; where it is the home's own, it need not exist */
    static LeftDaemon start(Caller caller, Home home, Path file, boolean force) throws IOException {
        HomeFolders.make(home);
        Path launcher = Path.of(System.getProperty("bulkhead.dist", ".")).resolve("bin/bulkhead");
        Path words = home.run().resolve("daemon.out");
        Files.deleteIfExists(words);
        Files.createFile(words, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "daemon", "--config", file.toString()));
        if (!home.system()) {
            command.addAll(List.of("--home", home.folder().toString()));
        }
        if (force) {
            command.add("--force");
        }
        Map<String, String> environment = new HashMap<>(caller.environment());
        ServiceNotice.VARIABLES.forEach(environment::remove);
        int pid = new Spawn(launcher, command, environment)
                .open(0, Path.of("/dev/null"), Spawn.READ_ONLY)
                .open(1, words, Spawn.READ_WRITE)
                .open(2, words, Spawn.READ_WRITE)
                .start();
        return new LeftDaemon(pid, Pidfd.open(pid), words);
    }

    /**
     * One with the home's own configuration, as soon as it answers.
     *
     * @return its process
     * @throws IOException with what it said, when it ends before it answers
     */
    static int thatAnswers(Caller caller, Home home) throws IOException {
        Client client = new Client(home.socket());
        try (LeftDaemon daemon = start(caller, home, home.config(), false)) {
            while (!client.reachable()) {
                if (daemon.ended()) {
                    throw new IOException((daemon.said() + "the daemon ended; its log: "
                            + home.log().resolve("bulkhead.log")));
                }
                pause();
            }
            return daemon.pid;
        }
    }

    boolean ended() throws ErrnoException {
        return process.ended();
    }

    /** What it has printed so far. */
    String said() throws IOException {
        return Files.readString(words);
    }

    /** Between two looks at it. */
    static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
    }

    @Override
    public void close() {
        process.close();
    }
}
