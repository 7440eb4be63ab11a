package io.bulkhead.core;

/**
 * The time at which an event is handled, read by the caller.
 *
 * @param monotonicMillis milliseconds that only ever grow, whatever is done to the clock of the host; every pause and
 *     deadline is counted in these. Convenient is the wall time at the daemon's start plus what {@code nanoTime} has
 *     gained since
 * @param wallMillis milliseconds since 1970 as a person's clock says now; used for {@code schedule} and for times that are
 *     shown, never for a pause
 */
public record Now(long monotonicMillis, long wallMillis) {}
