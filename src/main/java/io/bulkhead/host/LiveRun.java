package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.PeakRecord;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.ExitStatus;
import io.bulkhead.linux.OomKill;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.spec.AppSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** One run on its way from the order to start it until nothing of it is left. Owned by the loop. */
final class LiveRun {

    enum Phase {
        /** The worker looks up users and files and makes the compartment. */
        PREPARING,
        /** The keeper has been told and has not answered. */
        SPAWNING,
        /** The program exists. */
        ALIVE,
        /** The program has ended; its status is being read, and the rest of its tree ended. */
        ENDING,
        /** Nothing of it is left, or it never began. */
        GONE
    }

    final String id;
    final InstanceId instance;
    /** Which program of the app it is, as {@link PeakRecord} tells them apart; no change of a living run changes it. */
    final String generation;

    AppSpec app;
    Phase phase = Phase.PREPARING;
    Optional<Compartment> compartment = Optional.empty();
    Optional<Pidfd> program = Optional.empty();
    Optional<ExitStatus> status = Optional.empty();
    /** A step of the start that failed after the keeper had forked. */
    Optional<Refusal> failedStep = Optional.empty();

    /** What the kernel's log says of kills in it, as far as it has been looked up. */
    final List<OomKill> records = new ArrayList<>();
    /** For a run that a former daemon started: when it did, milliseconds since 1970; 0: we did. */
    long adoptedSince;
    /** Its output; known to the pump when it has ended. */
    volatile Optional<LogSpan> output = Optional.empty();
    /** What has been seen of its memory. */
    MemoryTrack memory = new MemoryTrack(Loop.now());

    /** What its last check gave. */
    Optional<Health> health = Optional.empty();
    /** What it told its NOTIFY_SOCKET as STATUS; empty: nothing. */
    String says = "";

    boolean watchdogTold;
    /** How many connections it held at the last look to what its {@code connections} names; empty: nobody has looked. */
    OptionalInt connections = OptionalInt.empty();
    /** Its Node processes that compute without an end, where it is unhealthy. */
    List<Integer> hung = List.of();

    int pid;
    /** How often its instance had been started again, this start included. */
    int restarts;
    /** Once a run: what did not work will not the next time. */
    boolean spareTried;
    /** Asked to end by us; what is left of its tree may then take its time. */
    boolean asked;

    boolean killed;
    /** Nothing of it is left, and its end is being judged. */
    boolean examined;
    /** Ended by the sampled guard, where the kernel keeps no limit. */
    boolean overSampledLimit;
    /** Processes of its tree found after the program had ended. */
    int leftBehind;

    LiveRun(Effect.StartRun order) {
        this(order.run(), order.instance(), order.app());
    }

    LiveRun(String id, InstanceId instance, AppSpec app) {
        this.id = id;
        this.instance = instance;
        this.app = app;
        this.generation = PeakRecord.generation(app);
    }

    /** Where it lives; it must have been given a compartment. */
    Compartment home() {
        return compartment.orElseThrow();
    }
}
