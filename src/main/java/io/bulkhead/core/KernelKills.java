package io.bulkhead.core;

/**
 * Processes of a run's tree that the kernel killed for want of memory.
 *
 * @param count how many; 0: none
 * @param where whose memory had run out; of the last one where there are several
 * @param pool name of the pool where it was one's
 */
public record KernelKills(int count, Where where, String pool) {

    /** Whose memory had run out. */
    public enum Where {
        /** The compartment of the run itself. */
        OWN_LIMIT,
        /** A pool that it shares with others. */
        POOL,
        /** All compartments together: what {@code server.reserve} leaves them. */
        ALL_APPS,
        /** The host, or the container that Bulkhead lives in. */
        HOST
    }

    public static final KernelKills NONE = new KernelKills(0, Where.OWN_LIMIT, "");

    /** Kills at the compartment's own limit. */
    public static KernelKills ownLimit(int count) {
        return new KernelKills(count, Where.OWN_LIMIT, "");
    }

    public boolean any() {
        return count > 0;
    }

    ExitCause cause() {
        return switch (where) {
            case OWN_LIMIT, POOL -> ExitCause.OOM_LIMIT;
            case ALL_APPS, HOST -> ExitCause.OOM_HOST;
        };
    }

    /** What follows "killed by the kernel", such as " at its limit of 128 MiB". */
    String words(long limitBytes) {
        return switch (where) {
            case OWN_LIMIT -> " at its limit" + (limitBytes > 0 ? " of " + Words.bytes(limitBytes) : "");
            case POOL -> " at the limit of pool " + pool;
            case ALL_APPS -> " at the limit all apps share (RAM − reserve)";
            case HOST -> ": the host ran out of memory";
        };
    }
}
