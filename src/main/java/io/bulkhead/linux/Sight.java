package io.bulkhead.linux;

/** What can be seen of a program that is to take connections. */
public enum Sight {
    /** It waits for them. */
    WAITS,
    /** It does not, as far as can be seen. */
    NOT_YET,
    /** The kernel does not let us look into it. */
    HIDDEN
}
