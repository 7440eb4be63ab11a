package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A process held by descriptor (pidfd_open(2), kernel 5.3): it becomes readable when the process has ended, and a signal
 * sent through it can never reach another process that got the same number later.
 */
public final class Pidfd implements AutoCloseable {

    private static final Native.Call SYSCALL2 = Native.bind("syscall", 3);
    private static final Native.Call SYSCALL3 = Native.bind("syscall", 4);
    private static final Native.Call SYSCALL4 = Native.bind("syscall", 5);
    private static final Native.Call WAITID = Native.bind("waitid", 4);

    /** The same numbers on every architecture (asm-generic/unistd.h); glibc has wrappers only since 2.36. */
    private static final int SYS_PIDFD_SEND_SIGNAL = 424;

    private static final int SYS_PIDFD_OPEN = 434;
    private static final int SYS_PIDFD_GETFD = 438;

    private static final int P_PID = 1;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int SIGINFO_SIZE = 128;
    private static final int SI_CODE = 8;
    private static final int SI_PID = 16;
    private static final int SI_STATUS = 24;
    private static final int CLD_EXITED = 1;

    private static final int NONE = -1;

    private final int pid;
    private final int fd;

    private Pidfd(int pid, int fd) {
        this.pid = pid;
        this.fd = fd;
    }

    /** Takes hold of process {@code pid}; {@link Errno#ESRCH} when there is none. A zombie can be held too. */
    public static Pidfd open(int pid) throws ErrnoException {
        return new Pidfd(pid, SYSCALL2.call("pidfd_open " + pid, SYS_PIDFD_OPEN, pid, 0));
    }

    /** Takes hold of just that process; empty when it has gone, whoever has its number now. */
    public static Optional<Pidfd> of(ProcessIdentity process) throws ErrnoException {
        Pidfd held;
        try {
            held = open(process.pid());
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
        // The descriptor names one process for good; only then is it asked which.
        if (process.exists()) {
            return Optional.of(held);
        }
        held.close();
        return Optional.empty();
    }

    /** Stands for a process that is known to have ended, whoever has its number now. */
    static Pidfd ofEnded(int pid) {
        return new Pidfd(pid, NONE);
    }

    public int pid() {
        return pid;
    }

    /** For {@link Epoll#add}: readable from the moment the process has ended. */
    public int fd() {
        return fd;
    }

    /** Sends {@code signal} (1 to 64) and says whether the process was still there to get it. */
    public boolean signal(int signal) throws ErrnoException {
        if (fd == NONE) {
            return false;
        }
        int result = SYSCALL4.quiet(SYS_PIDFD_SEND_SIGNAL, fd, signal, 0, 0);
        if (result == 0) {
            return true;
        }
        if (Native.lastErrno() == Errno.ESRCH) {
            return false;
        }
        throw new ErrnoException("send signal " + signal + " to process " + pid, Native.lastErrno());
    }

    /**
     * A descriptor of ours, closed at exec, for the same open file as its descriptor {@code number} (pidfd_getfd(2), kernel 5.6).
     *
     * @throws ErrnoException {@link Errno#EPERM} where we may not trace it, {@link Errno#EBADF} when it has no such descriptor
     */
    int descriptor(int number) throws ErrnoException {
        return SYSCALL3.call("pidfd_getfd " + number + " of process " + pid, SYS_PIDFD_GETFD, fd, number, 0);
    }

    /** Whether the process has ended, reaped or not. Signal 0 cannot tell: a zombie accepts it. */
    public boolean ended() {
        return fd == NONE || Poll.readable(fd);
    }

    /** Waits up to {@code millis} for its end, and says whether it has ended. Not on the loop. */
    public boolean awaitEnd(int millis) {
        return Poll.await(fd, millis);
    }

    /**
     * How our own child ended, and buries it; empty while it lives. {@link Errno#ECHILD} when it is not our child or
     * was buried before.
     */
    public Optional<ExitStatus> reap() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_SIZE, 8);
            WAITID.call("waitid " + pid, P_PID, pid, info.address(), WEXITED | WNOHANG);
            if (info.get(ValueLayout.JAVA_INT, SI_PID) == 0) {
                return Optional.empty();
            }
            int status = info.get(ValueLayout.JAVA_INT, SI_STATUS);
            boolean exited = info.get(ValueLayout.JAVA_INT, SI_CODE) == CLD_EXITED;
            return Optional.of(exited ? ExitStatus.code(status) : ExitStatus.signal(status));
        }
    }

    @Override
    public void close() {
        if (fd != NONE) {
            Fd.close(fd);
        }
    }
}
