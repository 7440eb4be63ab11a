package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Something the host must do, in the order given. Its outcome, where there is one, comes back as an {@link Event}. */
public sealed interface Effect {

    /**
     * Start the program; answered by RunStarted or RunRefused, always, also when a stop is wished meanwhile.
     *
     * @param gated whether it must not serve the app's socket before {@link Admit}
     */
    record StartRun(String run, InstanceId instance, AppSpec app, Cause cause, boolean gated) implements Effect {}

    /** It may serve the app's socket from now on. May come again, and for a run that was not gated. */
    record Admit(String run) implements Effect {}

    /** Ask it to end: send {@code app.stop()}'s signal. Answered by RunExited in the end, if it obeys. At most once a run. */
    record AskToStop(String run, AppSpec app) implements Effect {}

    /**
     * It is above its drain mark and will be asked to stop: do what must be done before. Answered by DrainPrepared, soon: it goes on growing
     * meanwhile.
     *
     * @param millisToLimit until it reaches its limit if it grows on as now; {@code Long.MAX_VALUE}: never
     */
    record PrepareDrain(String run, AppSpec app, long millisToLimit) implements Effect {}

    /** End everything in its compartment now. Answered by RunExited. Repeated, ever more slowly, until it is. */
    record KillRun(String run) implements Effect {}

    /**
     * The specification of a living run has changed in keys that need no new run: set its limits and the way its log is kept.
     *
     * @param keys of the file that changed, such as {@code memory}, {@code log}; at least one of them is the host's to set
     */
    record UpdateRun(String run, AppSpec app, Set<String> keys) implements Effect {}

    /**
     * Run the app's command for {@code hook}, which it has, as its user and with its environment, and end it after {@code timeout}. How it went
     * is told as an event.
     *
     * @param id never the same twice in one life of the daemon
     * @param awaited whether it must be answered by HookEnded; what is not awaited changes nothing else
     * @param run the run it is about; before {@code pre_start} and {@code before_rollout} it has not been started, and may be empty
     * @param facts more variables for it, such as {@code BULKHEAD_CAUSE} and {@code BULKHEAD_OLD_PID}
     */
    record RunHook(
            long id,
            boolean awaited,
            Hook hook,
            String run,
            InstanceId instance,
            AppSpec app,
            Map<String, String> facts,
            Duration timeout)
            implements Effect {}

    /** Nobody waits for it any more: end it now. Still answered by HookEnded where it was awaited. */
    record EndHook(long id) implements Effect {}

    /**
     * It is unhealthy and will be asked to stop: write down first what shows why it hangs. Answered by UnhealthyRecorded, soon.
     *
     * @param words what its checks said last
     */
    record RecordUnhealthy(String run, AppSpec app, String words) implements Effect {}

    /** No run of this instance lives or is about to: its keeper and compartment may go. */
    record Release(InstanceId instance) implements Effect {}

    /** Remember across restarts and reboots that a person stopped this instance, or started it again. */
    record RememberHold(InstanceId instance, boolean held) implements Effect {}

    /** Remember across restarts that this app exists, with its origin; replaces what was remembered of it. */
    record RememberApp(AppSpec app, Origin origin) implements Effect {}

    /** Remember what the next daemon must know of this instance; replaces what was remembered of it. */
    record RememberInstance(InstanceId instance, InstanceMemory memory) implements Effect {}

    /** Remember a roll that is under way or being watched; replaces what was remembered of the app's. */
    record RememberRollout(RolloutMemory memory) implements Effect {}

    /** Nothing is rolled or watched any more. */
    record ForgetRollout(String app) implements Effect {}

    /** Remember that a person gave the app this number of instances, whatever its file says. */
    record RememberScale(String app, int instances) implements Effect {}

    /** An apply has said otherwise. */
    record ForgetScale(String app) implements Effect {}

    /** Forget the app, the holds and memories of its instances, its roll and its scale. */
    record ForgetApp(String app) implements Effect {}

    /**
     * Write to history and tell those who listen. Values are strings, numbers or booleans.
     *
     * @param type such as {@code instance.ready}; {@link Tale} lists them
     * @param instance index, or -1 where the whole app is meant
     * @param run id, or empty
     */
    record Tell(String type, String app, int instance, String run, Map<String, Object> fields) implements Effect {}

    /**
     * A failure worth explaining: an incident is opened from the exit and its circumstances.
     *
     * @param app the specification that the run had
     * @param pid of its program
     * @param livedMillis how long it lived
     * @param report what the exit means
     * @param consequence what Bulkhead does about it, such as "restarted at once"
     * @param times how often the instance has failed with this cause since its incidents were resolved: beyond 1 the incident that is
     *     open goes on, with these circumstances in place of the last
     */
    record OpenIncident(
            String run,
            InstanceId instance,
            AppSpec app,
            int pid,
            long livedMillis,
            Exit exit,
            ExitReport report,
            String consequence,
            int times)
            implements Effect {}

    /**
     * The instance runs well again, has run to its end, or was stopped by a person: what is open of it is over, incidents of a former
     * daemon included.
     */
    record ResolveIncidents(InstanceId instance) implements Effect {}

    /** Everything is stopped and a shutdown was wished: the daemon may end. Comes once. */
    record Finished() implements Effect {}
}
