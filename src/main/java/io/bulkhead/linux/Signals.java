package io.bulkhead.linux;

/** Numbers of the signals that this program itself sends or knows, as Linux has them on x86-64 and arm64 (signal(7)). */
public final class Signals {

    public static final int INT = 2;
    public static final int ABRT = 6;
    public static final int KILL = 9;
    public static final int SEGV = 11;
    public static final int TERM = 15;
    public static final int STOP = 19;

    private Signals() {}
}
