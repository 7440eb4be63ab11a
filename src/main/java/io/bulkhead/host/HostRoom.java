package io.bulkhead.host;

/** Whether the host has memory to spare. */
interface HostRoom {

    /** Whether {@code bytes} more could be used without the host running short. */
    boolean forOneMore(long bytes);
}
