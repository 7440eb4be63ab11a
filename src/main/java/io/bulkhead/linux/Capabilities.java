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

    /** One thing that is less than it could be: what it means, and what to do about it (may be empty). */
    public record Shortcoming(String what, String remedy) {}

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
        add(
                found,
                !pidfd,
                "kernel " + kernel + " has no pidfd_open: the daemon cannot run",
                "Linux 5.3 or later is needed");
        add(found, !setsid, "setsid is not installed: no program can be started", "install util-linux");
        boolean sampled = cgroups.kind() == CgroupHost.Kind.NONE;
        add(
                found,
                sampled,
                "memory limits are sampled, not enforced by the kernel: " + String.join("; ", cgroups.reasons()),
                "run the daemon as root, or where a memory cgroup is delegated to it");
        add(
                found,
                root && !setpriv,
                "setpriv is not installed: programs cannot run as another user",
                "install util-linux");
        add(found, !root, "not root: user and group of an app cannot be changed", "");
        add(
                found,
                root && !mayTrace,
                "no CAP_SYS_PTRACE: of programs of other users a code above 128 cannot be told from a signal",
                "give the container SYS_PTRACE");
        add(
                found,
                root && !mayRaiseLimits,
                "no CAP_SYS_RESOURCE: nofile cannot be raised above this host's hard limit, and at a memory limit the kernel may"
                        + " kill the small parent of a program instead of it (the exit status is lost then)",
                "raise the limit where the daemon is started, or give it SYS_RESOURCE");
        add(
                found,
                !kmsg,
                "the kernel's log cannot be read: a kill because the whole host is out of memory is not recognised",
                "as root outside containers it can be");
        add(
                found,
                !signalsReset,
                "env has no --default-signal: programs start with SIGINT and SIGQUIT ignored",
                "GNU coreutils 8.31 or later sets them to their default");
        add(
                found,
                !shell.endsWith("dash"),
                shell + " is not dash: exit statuses may be the shell's, not the kernel's",
                "install dash");
        return found;
    }

    private static void add(List<Shortcoming> found, boolean here, String what, String remedy) {
        if (here) {
            found.add(new Shortcoming(what, remedy));
        }
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
