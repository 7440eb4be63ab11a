package io.bulkhead.host;

/** A log that can be read while it grows. Any thread. */
interface ReadableLog {

    /** The files it consists of. */
    LogSegments segments();

    /** Raises {@code signal} whenever something was written. */
    void watch(LogSignal signal);

    void unwatch(LogSignal signal);
}
