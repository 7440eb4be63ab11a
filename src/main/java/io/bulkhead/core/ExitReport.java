package io.bulkhead.core;

import java.util.OptionalInt;

/**
 * What the end of a run means.
 *
 * @param code exit code, when it exited by itself
 * @param signal name such as {@code SIGSEGV}, empty when no signal ended it
 * @param detail what happened in words without the app's name, such as "killed by the kernel at its limit of 128 MiB"
 * @param hint what to do about it, empty when there is nothing to say
 * @param failure whether it counts as a crash: not asked for, and not one of the app's success codes
 */
public record ExitReport(
        ExitCause cause, OptionalInt code, String signal, String detail, String hint, boolean failure) {

    /** Led by what happened first. */
    ExitReport after(String first) {
        return new ExitReport(cause, code, signal, first, hint, failure);
    }

    ExitReport adding(String more) {
        return new ExitReport(cause, code, signal, detail + ": " + more, hint, failure);
    }
}
