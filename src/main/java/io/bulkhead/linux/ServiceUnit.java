package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The systemd service whose main process we are.
 *
 * @param name such as {@code bulkhead.service}
 * @param user whether it belongs to the user's own service manager
 */
public record ServiceUnit(String name, boolean user) {

    private static final Path SYSTEMCTL = Path.of("/usr/bin/systemctl");

    /** A third of the unit's TimeoutStopSec. A slow machine must not be told "for good" for want of an answer: that would stop every app. */
    private static final int LONGEST_MILLIS = 30_000;

    /** @param environment our own */
    public static Optional<ServiceUnit> ours(Map<String, String> environment) {
        CgroupPaths own =
                CgroupPaths.parse(ControlFile.read(Path.of("/proc/self/cgroup")).orElse(""));
        String group = own.of("name=systemd").or(() -> own.of("")).orElse("");
        if (!group.endsWith(".service") || !isMain(environment)) {
            return Optional.empty();
        }
        return Optional.of(new ServiceUnit(group.substring(group.lastIndexOf('/') + 1), group.contains("/user@")));
    }

    /** What a script of some service left behind has that service's variables and group too, and process 1 as its parent. */
    static boolean isMain(Map<String, String> environment) {
        int self = (int) ProcessHandle.current().pid();
        String started = environment.getOrDefault("SYSTEMD_EXEC_PID", "");
        if (!started.isEmpty()) {
            return started.equals(Integer.toString(self));
        }
        // systemd before 248 does not tell.
        return environment.containsKey("INVOCATION_ID") && parentIsSystemd(self);
    }

    private static boolean parentIsSystemd(int self) {
        return Proc.HOST
                .stat(self)
                .flatMap(stat -> Proc.HOST.stat(stat.parent()))
                .filter(parent -> parent.name().equals("systemd"))
                .isPresent();
    }

    /** Whether systemd is about to start it again: it stops us for a restart, not for good. Waits for systemd, at most 30 seconds. */
    public boolean restarting() {
        try {
            Path answer = Files.createTempFile("bulkhead-jobs", ".txt");
            try {
                return ask(answer) && Files.readString(answer).contains(" restart ");
            } finally {
                Files.delete(answer);
            }
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Of the unit's jobs, one a line: number, unit, type, state. */
    private boolean ask(Path answer) throws IOException {
        List<String> argv = new ArrayList<>(List.of("systemctl"));
        if (user) {
            argv.add("--user");
        }
        argv.addAll(List.of("list-jobs", "--no-legend", "--plain", "--no-pager", name));
        Spawn spawn = new Spawn(SYSTEMCTL, argv, SystemdScope.environment(user))
                .open(0, Path.of("/dev/null"), Spawn.READ_WRITE)
                .open(1, answer, Spawn.READ_WRITE)
                .open(2, Path.of("/dev/null"), Spawn.READ_WRITE);
        try (Pidfd process = Pidfd.open(spawn.start())) {
            boolean ended = Poll.await(process.fd(), LONGEST_MILLIS);
            if (!ended) {
                process.signal(Signals.KILL);
            }
            process.reap();
            return ended;
        }
    }
}
