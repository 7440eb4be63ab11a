package io.bulkhead.core;

/** Names of signals as signal(7) has them on x86 and arm. */
public final class SignalName {

    private static final String[] NAMES = {
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS"
    };

    private SignalName() {}

    /** {@code SIGSEGV} for 11; {@code SIGRTMIN+1} for 35; {@code signal 99} for a number that is none. */
    public static String of(int signal) {
        if (signal > 0 && signal < NAMES.length) {
            return "SIG" + NAMES[signal];
        }
        if (signal >= 34 && signal <= 64) {
            return signal == 34 ? "SIGRTMIN" : "SIGRTMIN+" + (signal - 34);
        }
        return "signal " + signal;
    }
}
