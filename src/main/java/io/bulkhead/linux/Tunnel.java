package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What an ssh that listens on a port is, judged by its sockets and its lineage; never by the text of its command line, which may say
 * nothing (LocalForward in ssh_config) or anything.
 *
 * @param reason in words, to follow "it"
 */
public record Tunnel(Kind kind, String reason) {

    /** Only an orphan may be ended without asking. */
    public enum Kind {
        /** Its shell is dead and nobody minds it: {@code &} with a killed shell, nohup, disown. */
        ORPHAN,
        /** Perhaps forgotten: in the background on purpose, long unused; or stopped with Ctrl+Z. */
        SUSPECT,
        /** Of a service, of autossh or another manager, or in somebody's terminal. */
        LEGITIMATE,
        /** In a remote login that nobody has typed in for hours: perhaps its client vanished. */
        ABANDONED_LOGIN
    }

    private static final String DELETED = " (deleted)";
    private static final int INIT = 1;

    /** How long an unused tunnel, or a terminal that nobody types in, is nothing strange. */
    private static final Duration LONG = Duration.ofHours(4);

    /** Every process below a login may stand in these: they say nothing of a manager. */
    private static final Set<String> LOGIN_UNITS = Set.of("ssh.service", "sshd.service", "cron.service");

    /** Of a process that holds a listening socket; empty when it is no ssh client. */
    public static Optional<Tunnel> of(ProcessFacts holder, Listener socket) {
        Proc proc = Proc.HOST;
        Optional<ProcessStat> stat = proc.stat(holder.pid());
        if (stat.isEmpty() || !isSsh(holder)) {
            return Optional.empty();
        }
        return Optional.of(judge(holder, stat.get(), socket, proc));
    }

    /** Whether it is an ssh client at all; by its program, whatever it calls itself. */
    public static boolean isSsh(ProcessFacts process) {
        return process.isCalled("ssh")
                && Proc.HOST
                        .executable(process.pid())
                        .map(file -> ProcessFacts.nameOf(file).equals("ssh"))
                        .orElse(true);
    }

    private static Tunnel judge(ProcessFacts holder, ProcessStat stat, Listener socket, Proc proc) {
        Optional<ProcessFacts> parent = ProcessFacts.of(stat.parent());
        String keeper = parent.map(ProcessFacts::program).orElse("");
        if (keeper.equals("autossh")) {
            return new Tunnel(Kind.LEGITIMATE, "is kept by autossh (pid " + stat.parent() + ")");
        }
        Optional<String> service = service(holder, proc);
        if (service.isPresent()) {
            return new Tunnel(Kind.LEGITIMATE, "belongs to " + service.get());
        }
        boolean leads = stat.session() == stat.pid();
        boolean adopted = stat.parent() == INIT
                || keeper.equals("systemd")
                || !leads
                        && proc.stat(stat.parent())
                                .filter(of -> of.session() == stat.session())
                                .isEmpty();
        if (!leads && !leaderLives(stat.session(), proc)) {
            return adopted
                    ? new Tunnel(Kind.ORPHAN, "has lost its shell, and nobody minds it" + deleted(stat.pid(), proc))
                    : new Tunnel(
                            Kind.SUSPECT,
                            "has lost its terminal; " + keeper + " (pid " + stat.parent() + ") still minds it");
        }
        if (stat.state() == 'T') {
            return new Tunnel(
                    Kind.SUSPECT, "is stopped (Ctrl+Z) and still listens: its clients hang until fg, or kill %1");
        }
        if (leads && adopted) {
            return unused(holder, socket)
                    ? new Tunnel(Kind.SUSPECT, "was put into the background (ssh -f) and has no client")
                    : new Tunnel(Kind.LEGITIMATE, "was put into the background on purpose (ssh -f)");
        }
        return inTerminal(holder, stat, keeper, proc);
    }

    /** A systemd unit that is more than somebody's login; only where systemd runs the host. */
    private static Optional<String> service(ProcessFacts holder, Proc proc) {
        if (proc.stat(INIT).filter(init -> init.name().equals("systemd")).isEmpty()) {
            return Optional.empty();
        }
        return holder.unit()
                .filter(unit -> unit.endsWith(".service") && !unit.startsWith("user@") && !LOGIN_UNITS.contains(unit));
    }

    private static boolean leaderLives(int session, Proc proc) {
        return proc.stat(session)
                .filter(leader -> !leader.zombie() && leader.session() == session)
                .isPresent();
    }

    private static String deleted(int pid, Proc proc) {
        return proc.descriptor(pid, 0)
                        .or(() -> proc.descriptor(pid, 2))
                        .filter(file -> file.endsWith(DELETED))
                        .isPresent()
                ? "; its terminal is gone"
                : "";
    }

    private static boolean unused(ProcessFacts holder, Listener socket) {
        if (Duration.between(holder.started(), Instant.now()).compareTo(LONG) < 0) {
            return false;
        }
        for (TcpSocket client : TcpSockets.connected()) {
            if (client.port() == socket.port() && client.state() == TcpSocket.ESTABLISHED) {
                return false;
            }
        }
        return true;
    }

    private static Tunnel inTerminal(ProcessFacts holder, ProcessStat stat, String keeper, Proc proc) {
        Optional<Path> terminal = proc.descriptor(stat.pid(), 0)
                .filter(file -> file.startsWith("/dev/pts/"))
                .map(Path::of);
        if (terminal.isPresent()
                && belowSshd(stat, proc)
                && idle(terminal.get()).compareTo(LONG) >= 0) {
            return new Tunnel(
                    Kind.ABANDONED_LOGIN,
                    "is in a remote login where nobody has typed for "
                            + idle(terminal.get()).toHours()
                            + " hours; ClientAliveInterval in sshd_config ends such logins");
        }
        return new Tunnel(
                Kind.LEGITIMATE,
                terminal.isPresent()
                        ? "is in a terminal of " + holder.user()
                        : "was started by " + keeper + " (pid " + stat.parent() + ")");
    }

    private static boolean belowSshd(ProcessStat stat, Proc proc) {
        int pid = stat.parent();
        while (pid > INIT) {
            Optional<ProcessStat> above = proc.stat(pid);
            if (above.isEmpty()) {
                return false;
            }
            if (above.get().name().startsWith("sshd")) {
                return true;
            }
            pid = above.get().parent();
        }
        return false;
    }

    /** What is typed updates the terminal's time of last access (tty_io.c, to 8 s). */
    private static Duration idle(Path terminal) {
        try {
            Instant typed = Files.readAttributes(terminal, BasicFileAttributes.class)
                    .lastAccessTime()
                    .toInstant();
            return Duration.between(typed, Instant.now());
        } catch (IOException gone) {
            return Duration.ZERO;
        }
    }
}
