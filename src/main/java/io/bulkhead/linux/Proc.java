package io.bulkhead.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads processes from /proc (proc(5)). A process that has gone, or is hidden from us, is an empty answer, not an error. */
public final class Proc {

    /** This host's. */
    public static final Proc HOST = new Proc(Path.of("/proc"));

    private static final long KIB = 1024;
    private static final int CAP_SYS_PTRACE = 19;

    private final Path root;

    /** @param root {@code /proc}, or a tree that looks like it */
    public Proc(Path root) {
        this.root = root;
    }

    /** Numbers of all processes that can be seen. */
    public List<Integer> pids() {
        List<Integer> pids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (Character.isDigit(name.charAt(0))) {
                    pids.add(Integer.parseInt(name));
                }
            }
        } catch (IOException notMounted) {
            return List.of();
        }
        return pids;
    }

    /** The line of /proc/PID/stat. */
    public Optional<ProcessStat> stat(int pid) {
        return read(pid, "stat").flatMap(ProcessStat::parse);
    }

    /**
     * How a zombie ended, exactly: code and signal kept apart. Empty when it is no zombie, or when it belongs to another user and we
     * lack CAP_SYS_PTRACE: the kernel then shows 0 for everything (fs/proc/array.c).
     */
    public Optional<ExitStatus> exitStatus(int pid) {
        Optional<ProcessStat> stat = stat(pid).filter(ProcessStat::zombie);
        if (stat.isEmpty()) {
            return Optional.empty();
        }
        int status = stat.get().exitStatus();
        return status != 0 || mayLookInto(pid) ? Optional.of(ExitStatus.fromWait(status)) : Optional.empty();
    }

    /** Field 9 of /proc/PID/stat, counted from the state (field 3), and a bit of it (linux/sched.h). */
    private static final int FLAGS = 6;

    private static final long PF_EXITING = 4;

    /** Whether our process ids are those that the kernel itself uses in its log (PROC_PID_INIT_INO in linux/proc_ns.h). */
    boolean inFirstPidNamespace() {
        try {
            return Files.readSymbolicLink(root.resolve("self/ns/pid"))
                    .toString()
                    .equals("pid:[4026531836]");
        } catch (IOException hidden) {
            return false;
        }
    }

    /** Whether it has been killed and is only on its way out: a process with much memory takes some tenths of a second. */
    public boolean dying(int pid) {
        String stat = read(pid, "stat").orElse("");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length <= FLAGS || fields[0].equals("Z") || fields[0].equals("X")) {
            return true;
        }
        String status = read(pid, "status").orElse("");
        return (Long.parseLong(fields[FLAGS]) & PF_EXITING) != 0
                || pendsKill(statusLine(status, "SigPnd:"))
                || pendsKill(statusLine(status, "ShdPnd:"));
    }

    private static boolean pendsKill(String mask) {
        return !mask.isEmpty() && (Long.parseUnsignedLong(mask, 16) >> (Signals.KILL - 1) & 1) == 1;
    }

    private boolean mayLookInto(int pid) {
        String own = ControlFile.read(root.resolve("self/status")).orElse("");
        if ((effectiveCapabilities(own) >> CAP_SYS_PTRACE & 1) == 1) {
            return true;
        }
        String other = read(pid, "status").orElse("");
        String uids = statusLine(other, "Uid:");
        String[] ours = statusLine(own, "Uid:").split("\\s+");
        return ours.length == 4 && uids.equals(String.join("\t", ours[1], ours[1], ours[1], ours[1]));
    }

    static long effectiveCapabilities(String status) {
        String hex = statusLine(status, "CapEff:");
        return hex.isEmpty() ? 0 : Long.parseUnsignedLong(hex, 16);
    }

    private static String statusLine(String status, String key) {
        int at = status.indexOf("\n" + key);
        if (at < 0) {
            return "";
        }
        int end = status.indexOf('\n', at + 1);
        return status.substring(at + 1 + key.length(), end < 0 ? status.length() : end)
                .strip();
    }

    /** Program and arguments; empty for a zombie or a kernel thread. */
    public List<String> commandLine(int pid) {
        String line = read(pid, "cmdline", StandardCharsets.UTF_8).orElse("");
        if (line.isEmpty()) {
            return List.of();
        }
        return List.of((line.endsWith("\0") ? line.substring(0, line.length() - 1) : line).split("\0", -1));
    }

    /** Whether it has a handler of its own for {@code signal} (SigCgt of /proc/PID/status); false where we may not know. */
    public boolean catches(int pid, int signal) {
        String mask = statusLine(read(pid, "status").orElse(""), "SigCgt:");
        return !mask.isEmpty() && (Long.parseUnsignedLong(mask, 16) >>> (signal - 1) & 1) == 1;
    }

    /**
     * Where in the kernel its first thread waits, such as {@code do_epoll_wait}; empty where it waits for nothing, and where we may not know (the
     * rights of tracing).
     */
    public Optional<String> waitsIn(int pid) {
        return read(pid, "wchan").filter(place -> !place.isEmpty() && !place.equals("0"));
    }

    /** The program file it runs; a replaced file's name ends in {@code " (deleted)"}. Needs the same rights as tracing it. */
    public Optional<Path> executable(int pid) {
        try {
            return Optional.of(Files.readSymbolicLink(root.resolve(pid + "/exe")));
        } catch (IOException goneOrForeign) {
            return Optional.empty();
        }
    }

    /** Where descriptor {@code number} leads, such as {@code /dev/pts/3 (deleted)}; empty where it is closed or we may not look. */
    public Optional<String> descriptor(int pid, int number) {
        try {
            return Optional.of(
                    Files.readSymbolicLink(root.resolve(pid + "/fd/" + number)).toString());
        } catch (IOException goneOrForeign) {
            return Optional.empty();
        }
    }

    /** Direct children. */
    public List<Integer> children(int pid) {
        // /proc/PID/task/TID/children needs a kernel option, and one file per thread.
        List<Integer> children = new ArrayList<>();
        for (int other : pids()) {
            stat(other).filter(stat -> stat.parent() == pid).ifPresent(stat -> children.add(other));
        }
        return children;
    }

    /** Direct children of every process that has any, at one look. */
    public Map<Integer, List<Integer>> families() {
        Map<Integer, List<Integer>> families = new HashMap<>();
        for (int pid : pids()) {
            stat(pid)
                    .ifPresent(stat -> families.computeIfAbsent(stat.parent(), parent -> new ArrayList<>())
                            .add(pid));
        }
        return families;
    }

    /** Resident bytes, shared pages counted whole. */
    public OptionalLong rss(int pid) {
        return kilobytes(read(pid, "status"), "VmRSS:");
    }

    /** Resident bytes, each shared page divided by its users. Dear for large processes; needs the rights of tracing. */
    public OptionalLong pss(int pid) {
        return kilobytes(read(pid, "smaps_rollup"), "Pss:");
    }

    /**
     * What the process alone adds and cannot drop: anonymous and shared memory, file pages not. The sum over a tree counts
     * shared memory (fork's pages, shm) once for each sharer.
     */
    public OptionalLong unreclaimable(int pid) {
        Optional<String> status = read(pid, "status");
        OptionalLong anonymous = kilobytes(status, "RssAnon:");
        return anonymous.isEmpty()
                ? rss(pid)
                : OptionalLong.of(
                        anonymous.getAsLong() + kilobytes(status, "RssShmem:").orElse(0));
    }

    /** Number of the user it runs as (effective). */
    public OptionalInt user(int pid) {
        String[] uids = statusLine(read(pid, "status").orElse(""), "Uid:").split("\\s+");
        return uids.length == 4 ? OptionalInt.of(Integer.parseInt(uids[1])) : OptionalInt.empty();
    }

    /** Its group in the hierarchy of {@code controller} (v1), or in the unified one for the empty text. */
    public Optional<String> cgroup(int pid, String controller) {
        return cgroups(pid).of(controller);
    }

    /** Its groups in all hierarchies. */
    CgroupPaths cgroups(int pid) {
        return CgroupPaths.parse(read(pid, "cgroup").orElse(""));
    }

    /** Value of {@code name} in the environment it was started with; empty also where we may not look. */
    public Optional<String> environment(int pid, String name) {
        String environ = "\0" + read(pid, "environ", StandardCharsets.UTF_8).orElse("");
        int at = environ.indexOf("\0" + name + "=");
        if (at < 0) {
            return Optional.empty();
        }
        int from = at + name.length() + 2;
        int end = environ.indexOf('\0', from);
        return Optional.of(environ.substring(from, end < 0 ? environ.length() : end));
    }

    /** The whole environment it was started with, in its order; empty where we may not look, or it has gone. */
    public Optional<Map<String, String>> environment(int pid) {
        Optional<String> environ = read(pid, "environ", StandardCharsets.UTF_8);
        if (environ.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> all = new LinkedHashMap<>();
        for (String entry : environ.get().split("\0")) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                all.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return Optional.of(all);
    }

    /** Its working folder; empty where we may not look. */
    public Optional<Path> workingFolder(int pid) {
        try {
            return Optional.of(Files.readSymbolicLink(root.resolve(pid + "/cwd")));
        } catch (IOException goneOrForeign) {
            return Optional.empty();
        }
    }

    /** Living processes whose environment at their start held {@code name=value}. Reads every process. */
    public List<Integer> marked(String name, String value) {
        List<Integer> marked = new ArrayList<>();
        for (int pid : pids()) {
            if (environment(pid, name).filter(value::equals).isPresent()) {
                marked.add(pid);
            }
        }
        return marked;
    }

    private static OptionalLong kilobytes(Optional<String> text, String key) {
        String line = statusLine("\n" + text.orElse(""), key);
        return line.endsWith(" kB")
                ? OptionalLong.of(
                        Long.parseLong(line.substring(0, line.length() - 3).strip()) * KIB)
                : OptionalLong.empty();
    }

    private Optional<String> read(int pid, String file) {
        return read(pid, file, StandardCharsets.ISO_8859_1);
    }

    private Optional<String> read(int pid, String file, java.nio.charset.Charset charset) {
        try {
            String text = ControlFile.text(root.resolve(pid + "/" + file));
            return Optional.of(
                    charset.equals(StandardCharsets.ISO_8859_1)
                            ? text
                            : new String(text.getBytes(StandardCharsets.ISO_8859_1), charset));
        } catch (ErrnoException goneOrHidden) {
            return Optional.empty();
        }
    }
}
