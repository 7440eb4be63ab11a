package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Restart;
import io.bulkhead.spec.Signals;

/** Says from the facts of an exit, and from what we had done to the run, why it ended. */
final class Classifier {

    /** What we had done to a run before it ended. */
    enum Ours {
        NOTHING,
        ASKED,
        /** Killed after the kernel had killed a process of its tree. */
        BROKEN,
        /** Asked for what it used of its memory. */
        DRAINED,
        /** Asked because its checks failed. */
        UNHEALTHY,
        KILLED
    }

    private static final int SIGILL = 4;
    private static final int SIGTRAP = 5;
    private static final int SIGABRT = 6;
    private static final int SIGKILL = 9;
    private static final int SIGSEGV = 11;
    private static final int SHELL_BASE = 128;
    private static final String HEAP = "JavaScript heap out of memory";

    private Classifier() {}

    /** @param restart of the specification that the run was started with */
    static ExitReport classify(Exit exit, Ours ours, Restart restart) {
        boolean success = exit.code().isPresent()
                && restart.successCodes().contains(exit.code().getAsInt());
        ExitCause cause = cause(exit, ours, success);
        boolean failure = switch (cause) {
            case STOPPED, DRAINED, UNHEALTHY, KILLED_BY_US -> false;
            case EXITED -> !success || leftForGood(exit, restart);
            default -> true;
        };
        String signal = exit.signal().isPresent() ? Signals.name(exit.signal().getAsInt()) : "";
        String hint = hint(cause, exit, success, restart);
        return new ExitReport(cause, exit.code(), signal, detail(cause, exit, signal), hint, failure);
    }

    /**
     * A service that forks and exits has lost what it was to run, whatever its code. A job that leaves something behind has done its
     * work all the same, and must not do it twice.
     */
    private static boolean leftForGood(Exit exit, Restart restart) {
        return exit.leftBehind() > 0 && restart.policy() == Restart.Policy.ALWAYS;
    }

    private static ExitCause cause(Exit exit, Ours ours, boolean success) {
        boolean sigkill = signalIs(exit, SIGKILL);
        if (ours == Ours.KILLED && (sigkill || unread(exit))) {
            return ExitCause.KILLED_BY_US;
        }
        if (exit.sampledKill()) {
            return ExitCause.OOM_LIMIT;
        }
        // A pool may lose a process to the limit and still end well much later: a success code is no limit kill.
        boolean unasked = ours == Ours.NOTHING || ours == Ours.BROKEN;
        if (exit.kills().any() && (unasked ? !success : sigkill)) {
            return exit.kills().cause();
        }
        if (heapLimit(exit)) {
            return ExitCause.HEAP_LIMIT;
        }
        if (ours != Ours.NOTHING) {
            return switch (ours) {
                case DRAINED -> ExitCause.DRAINED;
                case UNHEALTHY -> ExitCause.UNHEALTHY;
                default -> ExitCause.STOPPED;
            };
        }
        if (unread(exit)) {
            return ExitCause.UNKNOWN;
        }
        if (sigkill) {
            return exit.killsKnown() ? ExitCause.KILLED_BY_OTHER : ExitCause.UNKNOWN;
        }
        return exit.signal().isPresent() ? ExitCause.SIGNAL : ExitCause.EXITED;
    }

    /** V8 says so and aborts: SIGABRT by itself, 134 below a shell; newer builds trap instead. */
    private static boolean heapLimit(Exit exit) {
        boolean aborted = signalIs(exit, SIGABRT) || signalIs(exit, SIGTRAP) || signalIs(exit, SIGILL);
        if (exit.code().isPresent()) {
            int code = exit.code().getAsInt();
            aborted = code == 128 + SIGABRT || code == 128 + SIGTRAP || code == 128 + SIGILL;
        }
        if (!aborted) {
            return false;
        }
        for (String line : exit.tail()) {
            if (line.contains(HEAP)) {
                return true;
            }
        }
        return false;
    }

    private static boolean signalIs(Exit exit, int signal) {
        return exit.signal().isPresent() && exit.signal().getAsInt() == signal;
    }

    private static boolean unread(Exit exit) {
        return exit.code().isEmpty() && exit.signal().isEmpty();
    }

    private static String detail(ExitCause cause, Exit exit, String signal) {
        String text = switch (cause) {
            case OOM_LIMIT ->
                exit.sampledKill()
                        ? "ended for being over its limit" + limit(exit) + " (sampled, not enforced by the kernel)"
                        : killed(exit);
            case OOM_HOST -> killed(exit);
            case HEAP_LIMIT -> "V8 ran out of heap (JavaScript heap out of memory) and aborted";
            case DRAINED -> "drained before it could reach its memory limit" + ending(exit, signal);
            case UNHEALTHY -> "replaced because it was not well" + ending(exit, signal);
            case STOPPED -> "stopped as asked" + ending(exit, signal);
            case KILLED_BY_US -> "killed by Bulkhead: it did not end within its grace period";
            case KILLED_BY_OTHER ->
                "killed with SIGKILL by somebody else: not by Bulkhead, and not by the kernel for memory";
            case SIGNAL -> "ended by " + signal + meaning(signal);
            case EXITED -> "exited with code " + exit.code().orElse(0) + itself(exit) + leaving(exit);
            case UNKNOWN ->
                unread(exit)
                        ? "ended, cause unknown: " + exit.caveat().orElse("its exit status could not be read")
                        : "killed with SIGKILL, cause unknown: this host lets nobody read the kernel's record";
        };
        if (cause != ExitCause.UNKNOWN && exit.caveat().isPresent()) {
            text += " (" + exit.caveat().get() + ")";
        }
        if (exit.kills().any() && cause != exit.kills().cause()) {
            int count = exit.kills().count();
            text += "; the kernel had killed " + (count == 1 ? "a process" : count + " processes") + " of its tree"
                    + exit.kills().words(exit.memoryLimitBytes());
        }
        return text;
    }

    private static String killed(Exit exit) {
        return "killed by the kernel" + exit.kills().words(exit.memoryLimitBytes());
    }

    private static String meaning(String signal) {
        return switch (signal) {
            case "SIGSEGV" -> " (segmentation fault)";
            case "SIGBUS" -> " (bus error)";
            case "SIGABRT" -> " (it aborted itself)";
            case "SIGILL" -> " (illegal instruction)";
            case "SIGFPE" -> " (arithmetic error)";
            case "SIGSYS" -> " (forbidden system call)";
            default -> "";
        };
    }

    /** 137 looks like a kill to whoever knows shells. */
    private static String itself(Exit exit) {
        return exit.code().orElse(0) == SHELL_BASE + SIGKILL
                ? " by itself: nobody killed it, a program below it perhaps"
                : "";
    }

    private static String leaving(Exit exit) {
        return switch (exit.leftBehind()) {
            case 0 -> "";
            case 1 -> " and left a process behind";
            default -> " and left " + exit.leftBehind() + " processes behind";
        };
    }

    private static String limit(Exit exit) {
        return exit.memoryLimitBytes() > 0 ? " of " + Words.bytes(exit.memoryLimitBytes()) : "";
    }

    private static String ending(Exit exit, String signal) {
        if (!signal.isEmpty()) {
            return " (" + signal + ")";
        }
        return exit.code().isPresent() && exit.code().getAsInt() != 0
                ? " (code " + exit.code().getAsInt() + ")"
                : "";
    }

    private static String hint(ExitCause cause, Exit exit, boolean success, Restart restart) {
        switch (cause) {
            case OOM_LIMIT:
                return "raise `memory` if it really needs more, else look for a leak";
            case DRAINED:
                return "look for what it keeps and never gives back, or raise `memory` if it really needs more";
            case OOM_HOST:
                return "give every app a `memory` limit, so that one of them cannot take the others' memory";
            case HEAP_LIMIT:
                return "its heap limit is lower than what it needs: look for a leak, or raise --max-old-space-size and `memory`";
            case SIGNAL:
                return signalIs(exit, SIGSEGV)
                        ? "a fault in native code: update or rebuild the addon or extension that changed last"
                        : "";
            case EXITED:
                break;
            default:
                return "";
        }
        if (success && exit.leftBehind() > 0) {
            return "what it left behind was ended too: the program must stay in the foreground; look for an option such as"
                    + " --foreground, --no-daemon or daemonize no";
        }
        if (success && restart.policy() == Restart.Policy.ALWAYS) {
            return "`restart: always` starts it again whenever it ends; for a program that is meant to end write"
                    + " `restart: on-failure` or `never`";
        }
        return switch (exit.code().orElse(0)) {
            case 126 ->
                "126 is what a shell says when a file is there but may not be executed: look at its mode and its"
                        + " first line";
            case 127 ->
                "127 is what a shell says when it does not find the program: write its full path, or set PATH in"
                        + " `environment`";
            case 137 ->
                "137 is also what a shell says when a program below it was killed with SIGKILL"
                        + (exit.killsKnown() ? "; the kernel killed none for memory" : "");
            case 143 -> "143 is what a shell says when its program was ended by SIGTERM";
            default -> "";
        };
    }
}
