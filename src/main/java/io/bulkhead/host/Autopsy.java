package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Headroom;
import io.bulkhead.core.KernelKills;
import io.bulkhead.core.KernelKills.Where;
import io.bulkhead.core.PeakRecord;
import io.bulkhead.core.Words;
import io.bulkhead.linux.OomKill;
import io.bulkhead.linux.Proc;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.story.Death;
import io.bulkhead.story.MemoryUser;
import io.bulkhead.story.UsualPeak;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gathers what explains a death, after its replacement is on its way: last words, the kernel's log, who used the memory. */
final class Autopsy {

    private static final int MOST_ENDED = 64;
    private static final int MOST_USERS = 5;
    private static final long WORTH_TELLING = 32L << 20;

    /** Below, what is known of its peaks may be its start alone. */
    private static final int ENOUGH_HOURS = 3;

    private final LogTails tails;
    private final KernelWitness witness;
    private final Compartments compartments;
    private final Peaks peaks;

    /** The runs that ended last, by id. */
    private final Map<String, LiveRun> ended = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, LiveRun> eldest) {
            return size() > MOST_ENDED;
        }
    };

    Autopsy(LogTails tails, KernelWitness witness, Compartments compartments, Peaks peaks) {
        this.peaks = peaks;
        this.tails = tails;
        this.witness = witness;
        this.compartments = compartments;
    }

    void ended(LiveRun run) {
        ended.put(run.id, run);
    }

    /** One of the runs that ended last. */
    Optional<LiveRun> find(String run) {
        return Optional.ofNullable(ended.get(run));
    }

    /** Gives what is found to {@code then}, here or on another thread. On the loop. */
    void examine(Effect.OpenIncident told, Consumer<Death> then) {
        @Nullable LiveRun run = ended.get(told.run());
        if (run == null || run.compartment.isEmpty()) {
            then.accept(new Death(
                    told, told.exit().tail(), List.of(), witness.readsLog(), "", List.of(), Optional.empty()));
            return;
        }
        List<OomKill> records = List.copyOf(run.records);
        Optional<UsualPeak> usual = usual(told.app());
        tails.of(run, output -> then.accept(death(told, output, records, usual)));
    }

    private Optional<UsualPeak> usual(AppSpec app) {
        PeakRecord record = peaks.of(app.name());
        int hours = record.hours() - 1;
        if (hours < ENOUGH_HOURS || !record.current().id().equals(PeakRecord.generation(app))) {
            return Optional.empty();
        }
        long bytes = record.usualPeakBefore();
        return Optional.of(new UsualPeak(bytes, hours, Headroom.fitting(bytes, app)));
    }

    /** On a thread of its own. */
    private Death death(
            Effect.OpenIncident told, List<String> output, List<OomKill> records, Optional<UsualPeak> usual) {
        List<String> lines = new ArrayList<>();
        for (OomKill record : records) {
            lines.add(record.line());
        }
        KernelKills kills = told.exit().kills();
        boolean others = kills.any() && (kills.where() == Where.HOST || kills.where() == Where.ALL_APPS);
        return new Death(
                told,
                output,
                lines,
                witness.readsLog(),
                records.isEmpty() ? "" : victim(records.getLast(), told.pid()),
                others ? users() : List.of(),
                usual);
    }

    private String victim(OomKill kill, int program) {
        int pid = witness.ownPid(kill);
        return kill.task()
                + (pid == 0 ? "" : pid == program ? " (the program itself)" : " (pid " + pid + ")")
                + (kill.residentBytes() > 0 ? ", which held " + Words.bytes(kill.residentBytes()) : "");
    }

    /** The largest users of the host's memory now: instances, and processes that are not ours. */
    private List<MemoryUser> users() {
        List<MemoryUser> users = new ArrayList<>();
        Set<Integer> ours = new HashSet<>();
        for (Compartment compartment : compartments.all()) {
            try {
                ours.addAll(compartment.cgroup.members());
                users.add(new MemoryUser(
                        compartment.instance.toString(),
                        compartment.instance.app(),
                        compartment.cgroup.usage().current(),
                        compartment.limits.memory().isPresent()));
            } catch (IOException gone) {
                continue; // ended meanwhile: it uses nothing
            }
        }
        for (int pid : Proc.HOST.pids()) {
            long bytes = ours.contains(pid) ? 0 : Proc.HOST.unreclaimable(pid).orElse(0);
            if (bytes >= WORTH_TELLING) {
                String name = Proc.HOST.stat(pid).map(stat -> stat.name()).orElse("a process");
                users.add(new MemoryUser(name + " (pid " + pid + ")", "", bytes, false));
            }
        }
        users.removeIf(user -> user.bytes() < WORTH_TELLING);
        users.sort(Comparator.comparingLong(MemoryUser::bytes).reversed());
        return List.copyOf(users.subList(0, Math.min(MOST_USERS, users.size())));
    }
}
