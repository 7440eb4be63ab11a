package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Spec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Something that happened in the world, or that a person wishes. The only way anything gets into {@link Supervisor}. */
public sealed interface Event {

    /** Time has passed; sent when {@link Supervisor#nextDeadline} is reached. One too many does no harm. */
    record ClockTick() implements Event {}

    /** The program of {@code run} exists. */
    record RunStarted(String run, int pid) implements Event {}

    /** {@code run} could not be started; nothing of it is left. */
    record RunRefused(String run, Refusal refusal) implements Event {}

    /** {@code run} has ended and nothing of its tree is left. Comes exactly once for each RunStarted and RunAdopted. */
    record RunExited(String run, Exit exit) implements Event {}

    /**
     * A run of a former daemon was found alive. Sent before any wish. Two of one instance may be found: a replacement was under way, and
     * goes on.
     *
     * @param startedWallMillis when it was started, milliseconds since 1970
     * @param ready whether a former daemon had seen it ready; where it is not known, false: then it is seen again
     * @param app the specification it was started with, restored from the run's record
     * @param origin of the app, from what RememberApp was told
     */
    record RunAdopted(
            String run, InstanceId instance, int pid, long startedWallMillis, boolean ready, AppSpec app, Origin origin)
            implements Event {}

    /** What a former daemon kept by RememberInstance; sent before any wish, with {@code completed} only within the same boot of the host. */
    record InstanceRemembered(InstanceId instance, InstanceMemory memory) implements Event {}

    /** What a former daemon kept by RememberRollout and did not forget; sent before any wish. */
    record RolloutRemembered(RolloutMemory memory) implements Event {}

    /** What a former daemon kept by RememberScale; sent before any wish. The first apply that names the app leaves it so. */
    record ScaleRemembered(String app, int instances) implements Event {}

    /**
     * {@code run} is ready by its own word or by what it does ({@code ready: listen, notify, message}). Once is enough; that a check is well is
     * told by {@link Probed}.
     */
    record RunReady(String run) implements Event {}

    /**
     * A check of {@code run}'s health has ended. Checked from its start to its end, by the host itself.
     *
     * @param well whether it answered as it should, in time
     * @param words why not, such as "GET /health: 500 after 12 ms"
     */
    record Probed(String run, boolean well, String words) implements Event {}

    /**
     * Answers {@link Effect.RunHook} where it was awaited, always, also after {@link Effect.EndHook}.
     *
     * @param words why it did not go well, with its last line where there is one
     */
    record HookEnded(long id, boolean well, String words) implements Event {}

    /** Answers {@link Effect.RecordUnhealthy}: nothing more is to be done before {@code run} is asked to stop. */
    record UnhealthyRecorded(String run) implements Event {}

    /**
     * Declared externals that cannot be reached now; replaces what was told before.
     *
     * @param reasons by name, in words such as "nobody listens on 127.0.0.1:5432"; empty for one that is being looked at for the first time
     */
    record ExternalsAway(Map<String, String> reasons) implements Event {}

    /**
     * What {@code run} uses and cannot drop has reached a mark, and is above it still. Of one run the drain mark comes first; comes again
     * only after a {@link MemoryBelowMark}.
     *
     * @param bytes in use
     * @param bytesPerSecond by which it grows just now; 0 when it does not
     * @param roomForTwo whether the host has memory for a second run of this size
     */
    record MemoryAboveMark(String run, MemoryLevel level, long bytes, long bytesPerSecond, boolean roomForTwo)
            implements Event {}

    /** Well below its drain mark again, or it has none any more. */
    record MemoryBelowMark(String run, long bytes) implements Event {}

    /** {@code run} has been above its drain mark for a while without reaching its last chance; {@code bytes}: its highest use meanwhile. */
    record MemorySteady(String run, long bytes) implements Event {}

    /** Answers {@link Effect.PrepareDrain}: nothing more is to be done before {@code run} is asked to stop. */
    record DrainPrepared(String run) implements Event {}

    /**
     * The kernel killed processes of the tree of {@code run}, whose program lives.
     *
     * @param pid one of them, 0 where it is not known
     * @param name of it, empty where it is not known
     */
    record ChildKilled(String run, KernelKills kills, int pid, String name) implements Event {}

    /**
     * The host is running out of memory. Comes again, at most once a second, for as long as it is.
     *
     * @param evidence in words, such as "52 MiB of 1 GiB are available"
     * @param bytesByApp what each app uses and cannot drop, by name
     */
    record HostShort(long availableBytes, String evidence, Map<String, Long> bytesByApp) implements Event {}

    /** It has memory to spare again. */
    record HostEasy(long availableBytes) implements Event {}

    /**
     * By the limits, a second generation of these apps does not fit into memory beside all that may run: they are replaced stop-first until
     * told otherwise. Sent before a wish that may replace something.
     */
    record NoRoomForTwo(Set<String> apps) implements Event {}

    /**
     * The program of {@code run} opens its address itself, which two programs cannot at once: it is replaced stop-first. Comes after RunStarted or
     * RunAdopted.
     */
    record OpensItself(String run) implements Event {}

    /** A person's wish; {@link Supervisor#ticket} gives what is needed to ask later whether it came true. */
    sealed interface Wish extends Event {}

    /** Lifts a hold and starts what does not run; pulls in what it depends on, unless a person stopped that. */
    record StartWish(Target target) implements Wish {}

    /** Stops, and holds until a start is wished. */
    record StopWish(Target target) implements Wish {}

    /** Replaces what runs and starts what does not; {@code all} leaves alone what a person stopped. */
    record RestartWish(Target target) implements Wish {}

    /**
     * Replaces what runs, instance by instance, without a gap where two may stand side by side; what fails is kept as it was. Starts
     * what does not run; {@code all} leaves alone what a person stopped, and goes through the apps in the order of their dependencies.
     */
    record ReloadWish(Target target) implements Wish {}

    /** Has so many instances from now on, 0 to 1000, until an apply says otherwise. */
    record ScaleWish(String app, int instances) implements Wish {}

    /** Stops and forgets whole apps. */
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
