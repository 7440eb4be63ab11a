package io.bulkhead.core;

/** The types of {@link Effect.Tell}, and the fields each has. */
public final class Tale {

    /** The run is ordered; {@code cause}: {@link Cause} in small letters. */
    public static final String STARTING = "instance.starting";
    /** {@code pid}. */
    public static final String READY = "instance.ready";
    /** It should be ready by now and is not; {@code after_seconds}, {@code reason}: what it has still to do. Told once a run. */
    public static final String NOT_READY = "instance.not-ready";
    /** Its checks failed too often; {@code reason}: what the last one said, {@code consequence}, and {@code alert}: true unless it is left alone for now. */
    public static final String UNHEALTHY = "instance.unhealthy";
    /** It is well again. */
    public static final String WELL = "instance.well";
    /** We ask it to end; {@code reason}. */
    public static final String DRAINING = "instance.draining";
    /** It did not end in its grace period and is killed; {@code after_seconds}. Told once a run. */
    public static final String KILLED = "instance.killed";
    /**
     * The kernel killed a process of its tree, and the program lives: {@code pid} and {@code process} where they are known, {@code detail},
     * {@code consequence}.
     */
    public static final String CHILD_KILLED = "instance.child-killed";
    /** {@code cause}, {@code detail}, {@code hint}, {@code failure}, {@code consequence}, and {@code code} or {@code signal}. */
    public static final String EXITED = "instance.exited";
    /** It could not be started; {@code step}, {@code message}, {@code hint}, {@code consequence}. */
    public static final String REFUSED = "instance.refused";
    /** It waits for another app; {@code reason}. */
    public static final String WAITING = "instance.waiting";
    /** The breaker opened, or it stays down; {@code reason}, {@code alert}: true. Told once until it has run stably again. */
    public static final String CRASHED = "instance.crashed";
    /** It has run for reset_after since it was alerted. */
    public static final String RECOVERED = "instance.recovered";

    /**
     * It reached its drain mark, or its last chance: {@code detail}, {@code level}, {@code bytes}, {@code mark}, {@code limit}, {@code bytes_per_second},
     * {@code room_for_two}, {@code consequence}, and {@code alert}: true unless draining is suspended.
     */
    public static final String MEMORY_MARK = "memory.mark";
    /** It came down before its stop began; {@code bytes}, {@code consequence}. */
    public static final String MEMORY_BELOW = "memory.below-mark";
    /** Draining does not help; {@code reason}, {@code alert}: true, and {@code fitting_limit} where it stands still. Told once. */
    public static final String DRAIN_SUSPENDED = "memory.drain-suspended";

    /** The host runs out of memory; {@code available} bytes, {@code reason}, {@code alert}: true. Told once until it is well again. */
    public static final String HOST_SHORT = "host.short";
    /** {@code available} bytes. */
    public static final String HOST_EASY = "host.easy";
    /** It is stopped to make room; {@code reason}, {@code available} and {@code bytes} of its own, {@code priority}, {@code alert}: true. */
    public static final String SHED = "app.shed";
    /** It comes back: the host has had memory to spare for a while. */
    public static final String UNSHED = "app.unshed";

    public static final String COMPLETED = "instance.completed";
    public static final String STOPPED = "instance.stopped";
    /** A run of a former daemon; {@code pid}. */
    public static final String ADOPTED = "instance.adopted";
    /** The replacement failed and the old run is kept; {@code reason}, {@code failed}: id of the run that failed. */
    public static final String KEPT = "instance.kept";
    /** A command under `hooks:` ended well; {@code hook}, {@code seconds}. */
    public static final String HOOK_DONE = "hook.done";
    /** It could not be run, failed, or took too long; {@code hook}, {@code reason}, {@code hint}, {@code lines}: its last ones. */
    public static final String HOOK_FAILED = "hook.failed";
    /** A schedule was due while the run before was not over; {@code queued}. */
    public static final String OVERLAP = "schedule.overlap";

    public static final String SCHEDULED = "schedule.due";
    public static final String APP_ADDED = "app.added";
    /** {@code keys}, comma-separated; {@code new_run}. */
    public static final String APP_CHANGED = "app.changed";

    public static final String APP_REMOVED = "app.removed";
    /** What was rolled out failed and the specification before is in force again; {@code reason}, {@code alert}: true. */
    public static final String ROLLED_BACK = "app.rolled-back";
    /** It failed, and there is no specification to go back to; {@code reason}, {@code consequence}, {@code alert}: true. */
    public static final String NOT_ROLLED_BACK = "app.not-rolled-back";
    /** It is to have another number of instances; {@code instances}, {@code before}. */
    public static final String SCALED = "app.scaled";
    /** An app with replace: start-first is replaced stop-first this time; {@code reason}. */
    public static final String STOP_FIRST = "instance.stop-first";
    /** The arithmetic of memory speaks against a configuration in use; {@code message}, {@code evidence}, {@code forced_by}. */
    public static final String OVER_BUDGET = "memory.over-budget";
    /**
     * A check keeps what a person wished from being done; {@code verb}, {@code by}, {@code check}, {@code reason}, {@code evidence}, {@code fix}.
     */
    public static final String CHECK_REFUSED = "check.refused";
    /** Checks were left out, or overridden; {@code verb}, {@code by}, {@code skipped}: names, {@code overridden}: what was found, a sentence each. */
    public static final String CHECK_SKIPPED = "check.skipped";
    /** The daemon ends, everything is stopped. */
    public static final String SHUTDOWN = "daemon.shutdown";

    private Tale() {}
}
