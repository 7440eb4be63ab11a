package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What this host offers a daemon, for {@code doctor}. Looking changes nothing.
 *
 * @param root whether we are user 0
 * @param mayRaiseLimits CAP_SYS_RESOURCE: hard limits above our own, a lower oom_score_adj
 * @param mayTrace CAP_SYS_PTRACE: exact exit statuses of programs of other users
 * @param mayBind CAP_NET_BIND_SERVICE: ports below 1024
 * @param kmsg whether the kernel's log can be read: says which process an out-of-memory kill hit
 * @param pidfd whether the kernel has pidfd_open (5.3); the daemon cannot work without
 * @param setsid whether setsid(1) is there; no program can be started without
 * @param setpriv whether setpriv(1) of util-linux is there; {@code user} needs it
 * @param signalsReset whether env(1) can set signals to their default: otherwise programs start with SIGINT and SIGQUIT ignored
 * @param shell the shell that keepers run in
 * @param kernel release of the kernel
 * @param cgroups where compartments go
 */
public record Capabilities(
        boolean root,
        boolean mayRaiseLimits,
        boolean mayTrace,
        boolean mayBind,
        boolean kmsg,
        boolean pidfd,
        boolean setsid,
        boolean setpriv,
        boolean signalsReset,
        Path shell,
        String kernel,
        CgroupHost cgroups) {

    private static final int CAP_NET_BIND_SERVICE = 10;
    private static final int CAP_SYS_PTRACE = 19;
    private static final int CAP_SYS_RESOURCE = 24;

    /** How bad a shortcoming is. */
    public enum Severity {
        /** Ordinary for this kind of host or user. */
        INFO,
        /** Something that is asked for does not hold. */
        WARNING,
        /** Nothing works. */
        ERROR
    }

    /**
     * One thing that is less than it could be.
     *
     * @param check a word for it
     * @param what what it means
     * @param evidence how it was found
     * @param remedy what to do about it, may be empty
     */
    public record Shortcoming(String check, Severity severity, String what, String evidence, String remedy) {}

    public static Capabilities probe(CgroupHost cgroups) {
        long capabilities = Proc.effectiveCapabilities(
                ControlFile.read(Path.of("/proc/self/status")).orElse(""));
        Tools tools = Tools.FOUND;
        return new Capabilities(
                Users.effectiveUser() == 0,
                has(capabilities, CAP_SYS_RESOURCE),
                has(capabilities, CAP_SYS_PTRACE),
                has(capabilities, CAP_NET_BIND_SERVICE),
                kmsgReadable(),
                pidfdWorks(),
                Files.isExecutable(tools.setsid()),
                Files.isExecutable(tools.setpriv()),
                tools.envResetsSignals(),
                Keeper.shell(),
                ControlFile.read(Path.of("/proc/sys/kernel/osrelease")).orElse("unknown"),
                cgroups);
    }

    /** What is degraded here, the gravest first. */
    public List<Shortcoming> shortcomings() {
        List<Shortcoming> found = new ArrayList<>();
        if (!pidfd) {
            found.add(new Shortcoming(
                    "kernel",
                    Severity.ERROR,
                    "kernel " + kernel + " has no pidfd_open: the daemon cannot run",
                    "pidfd_open(2) fails",
                    "Linux 5.3 or later is needed"));
        }
        if (!setsid) {
            found.add(new Shortcoming(
                    "setsid",
                    Severity.ERROR,
                    "setsid is not installed: no program can be started",
                    "no executable " + Tools.FOUND.setsid(),
                    "install util-linux"));
        }
        if (cgroups.kind() == CgroupHost.Kind.NONE) {
            found.add(
                    new Shortcoming(
                            "cgroups",
                            Severity.WARNING,
                            "memory limits are sampled, not enforced by the kernel: "
                                    + String.join("; ", cgroups.reasons()),
                            cgroups.describe(),
                            "run the daemon as root, or under systemd with Delegate=yes, or where a memory cgroup is delegated to it"));
        }
        users(found);
        smaller(found);
        return found;
    }

    private void users(List<Shortcoming> found) {
        if (!root) {
            found.add(new Shortcoming(
                    "root",
                    Severity.INFO,
                    "not root: user and group of an app cannot be changed",
                    "the effective user is not 0",
                    ""));
            return;
        }
        if (!setpriv) {
            found.add(new Shortcoming(
                    "setpriv",
                    Severity.WARNING,
                    "setpriv is not installed: programs cannot run as another user",
                    "no executable " + Tools.FOUND.setpriv(),
                    "install util-linux"));
        }
        if (!mayTrace) {
            found.add(new Shortcoming(
                    "CAP_SYS_PTRACE",
                    Severity.INFO,
                    "no CAP_SYS_PTRACE: of programs of other users a code above 128 cannot be told from a signal",
                    lacks(CAP_SYS_PTRACE),
                    "give the container SYS_PTRACE"));
        }
        if (!mayRaiseLimits) {
            found.add(new Shortcoming(
                    "CAP_SYS_RESOURCE",
                    Severity.WARNING,
                    "no CAP_SYS_RESOURCE: nofile cannot be raised above this host's hard limit, and at a memory limit the"
                            + " kernel may kill the small parent of a program instead of it (its exit status is lost then)",
                    lacks(CAP_SYS_RESOURCE),
                    "raise the limit where the daemon is started, or give it SYS_RESOURCE"));
        }
    }

    private void smaller(List<Shortcoming> found) {
        if (!kmsg) {
            found.add(new Shortcoming(
                    "kmsg",
                    Severity.INFO,
                    "the kernel's log cannot be read: "
                            + (cgroups.kind() == CgroupHost.Kind.NONE
                                    ? "its kills for want of memory cannot be told from anybody else's"
                                    : "what it killed for want of memory is known from its counters alone"),
                    "/dev/kmsg cannot be opened",
                    "as root outside containers it can be"));
        }
        if (!signalsReset) {
            found.add(new Shortcoming(
                    "env",
                    Severity.WARNING,
                    "env has no --default-signal: programs start with SIGINT and SIGQUIT ignored",
                    "env --default-signal=INT fails",
                    "GNU coreutils 8.31 or later sets them to their default"));
        }
        if (!shell.endsWith("dash")) {
            found.add(new Shortcoming(
                    "shell",
                    Severity.WARNING,
                    shell + " is not dash: exit statuses may be the shell's, not the kernel's",
                    "no executable dash in /bin",
                    "install dash"));
        }
    }

    private static String lacks(int capability) {
        return "CapEff in /proc/self/status lacks bit " + capability;
    }

    private static boolean has(long capabilities, int number) {
        return (capabilities >> number & 1) == 1;
    }

    private static boolean kmsgReadable() {
        return Kmsg.open()
                .map(kmsg -> {
                    kmsg.close();
                    return true;
                })
                .orElse(false);
    }

    private static boolean pidfdWorks() {
        try (Pidfd self = Pidfd.open((int) ProcessHandle.current().pid())) {
            return self.fd() >= 0;
        } catch (IOException absent) {
            return false;
        }
    }
}
