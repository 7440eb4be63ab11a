package io.bulkhead.linux;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a person wants to know of a process that is in the way.
 *
 * @param identity to act on it later: {@link Pidfd#of}
 * @param program the name of its program file; the kernel's name of it where the file may not be seen
 * @param command program and arguments, as they are: they may hold secrets. Empty for a zombie or a kernel thread
 * @param user the name of the user, or {@code number 1234} where it has none
 * @param started to 1/100 s
 * @param cgroup its place in systemd's hierarchy, else in the unified one, else where its memory is counted; empty where there is none
 */
public record ProcessFacts(
        ProcessIdentity identity,
        String program,
        Set<String> names,
        List<String> command,
        int parent,
        int uid,
        String user,
        Instant started,
        String cgroup) {

    private static final int TICKS_MILLIS = 10;
    private static final String DELETED = " (deleted)";

    /** The process that has this number now; empty when there is none. */
    public static Optional<ProcessFacts> of(int pid) {
        Proc proc = Proc.HOST;
        Optional<ProcessStat> known = proc.stat(pid);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        ProcessStat stat = known.get();
        List<String> command = proc.commandLine(pid);
        int uid = proc.user(pid).orElse(-1);
        Set<String> names = new TreeSet<>(Set.of(stat.name()));
        Optional<String> file = proc.executable(pid).map(ProcessFacts::nameOf);
        file.ifPresent(names::add);
        // A program that writes its own title: "redis-server 127.0.0.1:6379", "postgres: main: writer".
        Optional<String> title = command.isEmpty() ? Optional.empty() : Optional.of(title(command.getFirst()));
        title.ifPresent(names::add);
        // Debian's redis-server is a link to redis-check-rdb: the file's name alone misleads.
        String program = title.filter(stat.name()::equals).or(() -> file).orElse(stat.name());
        return Optional.of(new ProcessFacts(
                new ProcessIdentity(ProcessIdentity.currentBoot(), pid, stat.startTicks()),
                program,
                names,
                command,
                stat.parent(),
                uid,
                userName(uid),
                BootTime.INSTANT.plusMillis(stat.startTicks() * TICKS_MILLIS),
                place(proc.cgroups(pid))));
    }

    private static String place(CgroupPaths groups) {
        for (String hierarchy : List.of("name=systemd", "", "memory")) {
            Optional<String> path = groups.of(hierarchy).filter(known -> !known.equals("/"));
            if (path.isPresent()) {
                return path.get();
            }
        }
        return "";
    }

    public int pid() {
        return identity.pid();
    }

    /** The systemd unit it belongs to, such as {@code nginx.service} or {@code session-4.scope}. */
    public Optional<String> unit() {
        for (int end = cgroup.length(); end > 0; ) {
            int slash = cgroup.lastIndexOf('/', end - 1);
            String part = cgroup.substring(slash + 1, end);
            if (part.endsWith(".service") || part.endsWith(".scope")) {
                return Optional.of(part);
            }
            end = slash;
        }
        return Optional.empty();
    }

    /** Whether it runs on its own: as a systemd service, or in a session of its own without a terminal, below init. */
    public boolean isService() {
        if (unit().filter(unit -> unit.endsWith(".service") && !unit.startsWith("user@"))
                .isPresent()) {
            return true;
        }
        Optional<ProcessStat> stat = Proc.HOST.stat(pid());
        return stat.filter(own -> parent == 1 && own.session() == own.pid()).isPresent();
    }

    /** Whether it is called {@code name}: by its file, by the kernel (which keeps 15 characters), or by its own title. */
    public boolean isCalled(String name) {
        return names.contains(name) || names.contains(name.substring(0, Math.min(15, name.length())));
    }

    /** {@code node (pid 4711, user mira, since 2026-11-22T05:12:09Z, api.service)}. */
    public String words() {
        return program + " (pid " + pid() + ", user " + user + ", since "
                + started.truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                + unit().map(unit -> ", " + unit).orElse("") + ")";
    }

    static String nameOf(Path executable) {
        String name = String.valueOf(executable.getFileName());
        return name.endsWith(DELETED) ? name.substring(0, name.length() - DELETED.length()) : name;
    }

    private static String title(String first) {
        int end = 0;
        while (end < first.length() && first.charAt(end) != ' ' && first.charAt(end) != ':') {
            end++;
        }
        return first.substring(first.lastIndexOf('/', end) + 1, end);
    }

    /** The user's name, or {@code number 1234} where it has none. */
    public static String userName(int uid) {
        try {
            return Users.user(uid).map(Users.User::name).orElse("number " + uid);
        } catch (ErrnoException directoryIsAway) {
            return "number " + uid;
        }
    }

    private static final class BootTime {
        static final Instant INSTANT = Instant.ofEpochSecond(
                ControlFile.keyed(ControlFile.read(Path.of("/proc/stat")).orElse(""), "btime"));
    }
}
