package io.bulkhead.core;

/** Who brought an app: applying a file adds, changes and stops only apps of the same origin. */
public enum Origin {
    FILE,
    START,
    IMPORT,
    /** A tunnel that lives as long as the command that opened it. */
    TERMINAL
}
