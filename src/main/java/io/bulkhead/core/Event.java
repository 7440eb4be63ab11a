package io.bulkhead.core;

import io.bulkhead.spec.Spec;
import java.util.Optional;

/** Something that happened in the world, or that a person wishes. The only way anything gets into {@link Supervisor}. */
public sealed interface Event {

    /** Time has passed; sent when {@link Supervisor#nextDeadline} is reached. */
    record ClockTick() implements Event {}

    /** The program of {@code run} exists. */
    record RunStarted(String run, int pid) implements Event {}

    /** {@code run} could not be started; nothing of it is left. */
    record RunRefused(String run, Refusal refusal) implements Event {}

    /** {@code run} has ended and nothing of its tree is left. Comes exactly once for each RunStarted. */
    record RunExited(String run, Exit exit) implements Event {}

    /** A run of a former daemon was found alive. Sent before anything else, at most once for each instance. */
    record RunAdopted(String run, InstanceId instance, int pid, long startedMillis, String specSource)
            implements Event {}

    /** A person's wish, with everything needed to answer whether it came true. */
    sealed interface Wish extends Event {}

    record StartWish(Target target) implements Wish {}

    record StopWish(Target target) implements Wish {}

    record RestartWish(Target target) implements Wish {}

    /** Stops and forgets the apps. */
    record DeleteWish(Target target) implements Wish {}

    /** Forgets crashes and back-off, and tries again at once where an instance waits. */
    record ResetWish(Target target) implements Wish {}

    /**
     * Makes the running apps of {@code origin} equal to {@code spec}.
     *
     * @param only touches this app alone
     */
    record ApplyWish(Spec spec, Origin origin, Optional<String> only) implements Wish {}

    /** Stops everything in order; the daemon ends when nothing is left. */
    record ShutdownWish() implements Wish {}
}
