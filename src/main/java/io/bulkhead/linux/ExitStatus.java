package io.bulkhead.linux;

import java.util.OptionalInt;

/**
 * How a process ended.
 *
 * @param code 0 to 255, when it exited by itself
 * @param signal number of the signal that ended it
 * @param exact whether the kernel said so; otherwise a shell's 128+n was read as a signal, which a program that
 *     itself exits with such a code also gives
 */
public record ExitStatus(OptionalInt code, OptionalInt signal, boolean exact) {

    private static final int SHELL_SIGNAL_BASE = 128;

    static ExitStatus code(int code) {
        return new ExitStatus(OptionalInt.of(code), OptionalInt.empty(), true);
    }

    static ExitStatus signal(int signal) {
        return new ExitStatus(OptionalInt.empty(), OptionalInt.of(signal), true);
    }

    /** From the status word of wait(2), which is also field 52 of /proc/PID/stat. */
    static ExitStatus fromWait(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? code((status >> 8) & 0xff) : signal(signal);
    }

    /** From a shell's {@code $?}: the best there is where the kernel does not tell (another user's process, no CAP_SYS_PTRACE). */
    public static ExitStatus fromShell(int status) {
        boolean looksLikeSignal = status > SHELL_SIGNAL_BASE && status <= SHELL_SIGNAL_BASE + 64;
        return looksLikeSignal
                ? new ExitStatus(OptionalInt.empty(), OptionalInt.of(status - SHELL_SIGNAL_BASE), false)
                : new ExitStatus(OptionalInt.of(status), OptionalInt.empty(), false);
    }
}
