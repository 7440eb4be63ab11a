package io.bulkhead.host;

import io.bulkhead.api.Control.Peer;
import io.bulkhead.core.Difference;
import io.bulkhead.core.Effect;
import io.bulkhead.core.ExitCause;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.InstanceMemory;
import io.bulkhead.core.Origin;
import io.bulkhead.core.RolloutMemory;
import io.bulkhead.core.Tale;
import io.bulkhead.core.Target;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.Death;
import io.bulkhead.story.Explanation;
import io.bulkhead.story.History;
import io.bulkhead.story.Incident;
import io.bulkhead.story.StateStore;
import io.bulkhead.story.StoryEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Puts down what happens, and what must be remembered. On the loop; everything is written elsewhere. */
final class Chronicle {

    private static final int MOST_FINDINGS = 100;

    /** What one incident is about, however often it happens before it is resolved. */
    private record Failure(InstanceId instance, ExitCause cause) {}

    /** An incident that is not resolved, as far as this daemon opened it. */
    private static final class OpenIncident {
        final String id;
        final long since;
        /** Set on the loop; the worker, which may still have to write it, looks after it has written. */
        volatile boolean over;

        OpenIncident(String id, long since) {
            this.id = id;
            this.since = since;
        }
    }

    private final Map<Failure, OpenIncident> openIncidents = new HashMap<>();
    /** By run; the eldest go first: a run's incident is written soon after its end, by the loop or the worker. */
    private final Map<String, List<String>> findings = Collections.synchronizedMap(new LinkedHashMap<>());

    private final History history;
    private final StateStore state;
    private final Peaks peaks;
    private final Autopsy autopsy;
    private final DaemonLog log;
    private final Supplier<Spec> inForce;
    private CompletableFuture<Void> saving = CompletableFuture.completedFuture(null);

    /** @param inForce may be asked on any thread */
    Chronicle(History history, StateStore state, Peaks peaks, Autopsy autopsy, DaemonLog log, Supplier<Spec> inForce) {
        this.inForce = inForce;
        this.peaks = peaks;
        this.history = history;
        this.state = state;
        this.autopsy = autopsy;
        this.log = log;
    }

    /** Completes when everything that was to be remembered so far is on disk, or cannot be. */
    CompletableFuture<Void> remembered() {
        return saving;
    }

    void rememberHold(InstanceId instance, boolean held) {
        state.hold(instance, held, saved());
    }

    void rememberApp(AppSpec app, Origin origin) {
        state.remember(app.name(), new StateStore.App(origin, app.source()), saved());
    }

    /** @param run the one that is shown now; empty for none */
    void rememberInstance(InstanceId instance, InstanceMemory memory, String run) {
        state.noteInstance(instance, Memories.write(memory, run), saved());
    }

    void rememberRollout(RolloutMemory memory) {
        state.note(StateStore.Note.ROLL, memory.app(), Optional.of(Memories.write(memory)), saved());
    }

    void forgetRollout(String app) {
        state.note(StateStore.Note.ROLL, app, Optional.empty(), saved());
    }

    void rememberScale(String app, int instances) {
        state.note(StateStore.Note.SCALE, app, Optional.of(Integer.toString(instances)), saved());
    }

    void forgetScale(String app) {
        state.note(StateStore.Note.SCALE, app, Optional.empty(), saved());
    }

    void rememberServer(String external, String note) {
        state.note(StateStore.Note.SERVER, external, Optional.of(note), saved());
    }

    void forgetApp(String app) {
        peaks.forget(app);
        state.forget(app, saved());
    }

    private Consumer<Optional<String>> saved() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        // A later change of a file may be carried out in the place of an earlier one: none waits for the others.
        saving = saving.isDone() ? done : CompletableFuture.allOf(saving, done);
        return trouble -> {
            trouble.ifPresent(log::warn);
            done.complete(null);
        };
    }

    void tell(Effect.Tell tell) {
        record(tell.type(), tell.app(), tell.instance(), tell.run(), tell.fields());
    }

    /** Something about a run that core need not decide upon. */
    void tell(String type, InstanceId instance, String run, Map<String, Object> fields) {
        record(type, instance.app(), instance.index(), run, fields);
    }

    /** Something about an app as a whole that core need not decide upon. */
    void tellApp(String type, String app, Map<String, Object> fields) {
        record(type, app, -1, "", fields);
    }

    /** Something about the daemon itself. */
    void tellDaemon(String type, Map<String, Object> fields) {
        record(type, "", -1, "", fields);
    }

    /** Something about a tunnel that core need not decide upon; {@code name} is empty for what concerns several. */
    void tellTunnel(String type, String name, String message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("message", message);
        record(type, name, -1, "", fields);
        log.info((name.isEmpty() ? "" : "tunnel " + name + ": ") + message);
    }

    private void record(String type, String app, int instance, String run, Map<String, Object> fields) {
        history.record(StoryEvent.of(System.currentTimeMillis(), type, app, instance, run, fields));
    }

    /** Who asked for what: the first thing one wants to know of an app that was stopped. */
    void commanded(String verb, Target target, Peer peer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("verb", verb);
        fields.put("by", peer.user());
        record("command", target.app().orElse(""), target.instance().orElse(-1), "", fields);
    }

    void applied(Path file, Difference difference, Peer peer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("verb", "apply");
        fields.put("by", peer.user());
        fields.put("file", file.toString());
        fields.put("summary", Applying.summary(difference));
        record("command", "", -1, "", fields);
    }

    /**
     * Keeps what the arithmetic said against a configuration that is used all the same.
     *
     * @param forcedBy who overrode a refusal; empty where there was none
     */
    void overBudget(List<Finding> findings, String forcedBy) {
        for (Finding finding : findings) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("check", finding.check());
            fields.put("message", finding.message());
            fields.put("evidence", finding.evidence());
            if (!forcedBy.isEmpty() && finding.isError()) {
                fields.put("forced_by", forcedBy);
            }
            record(Tale.OVER_BUDGET, finding.app(), -1, "", fields);
            log.warn(finding.sentence() + (fields.containsKey("forced_by") ? " (forced by " + forcedBy + ")" : ""));
            finding.evidence().forEach(line -> log.info("  " + line));
        }
    }

    /** Opens an incident, or renews the one of the same failure before, once the program's last words are on disk. */
    void openIncident(Effect.OpenIncident open) {
        Failure failure = new Failure(open.instance(), open.report().cause());
        if (open.times() == 1) {
            openIncidents.remove(failure);
        }
        OpenIncident incident = openIncidents.computeIfAbsent(
                failure, first -> new OpenIncident(history.nextIncident(), System.currentTimeMillis()));
        autopsy.examine(open, death -> write(incident, death));
    }

    /**
     * Opens an incident that is no death, and returns its id.
     *
     * @param first whether none of that app is open, but for what a former daemon has left
     */
    String openIncident(Incident incident, boolean first) {
        if (first) {
            history.resolveIncidents(incident.app(), incident.instance(), System.currentTimeMillis());
        }
        return history.openIncident(incident);
    }

    void resolveIncident(String id) {
        history.resolveIncident(id, System.currentTimeMillis());
    }

    /** What was found out about {@code run} before its end, for the incident of that. */
    void addEvidence(String run, List<String> lines) {
        if (findings.size() == MOST_FINDINGS) {
            findings.remove(findings.keySet().iterator().next());
        }
        findings.merge(run, List.copyOf(lines), (known, more) -> {
            List<String> all = new ArrayList<>(known);
            all.addAll(more);
            return List.copyOf(all);
        });
    }

    /** Also what a former daemon left open. */
    void resolveIncidents(InstanceId instance) {
        for (Iterator<Map.Entry<Failure, OpenIncident>> all =
                        openIncidents.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<Failure, OpenIncident> each = all.next();
            if (each.getKey().instance().equals(instance)) {
                each.getValue().over = true;
                all.remove();
            }
        }
        history.resolveIncidents(instance.app(), instance.index(), System.currentTimeMillis());
    }

    /** Any thread. */
    private void write(OpenIncident incident, Death death) {
        Incident told = Explanation.of(death, findings.getOrDefault(death.told().run(), List.of()), incident.since);
        List<FailedConnections> failed = FailedConnections.in(death.output());
        history.writeIncident(
                incident.id,
                failed.isEmpty()
                        ? told
                        : failed.getFirst().addTo(told, failed.getFirst().owner(inForce.get())));
        if (incident.over) {
            history.resolveIncident(incident.id, System.currentTimeMillis());
        }
    }
}
