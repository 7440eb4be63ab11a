package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.InstanceState;
import io.bulkhead.core.InstanceView;
import io.bulkhead.guard.ExternalLook;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Tells when an address that an app or an external needs is taken by somebody else, lost, or back, once each. As long as the very same sockets listen on a port nothing is
 * read but their numbers; who holds them is looked up when they change. On the loop, but for the looks.
 */
final class PortWatch implements Lookout.Watcher {

    /** A program that is ready by the clock alone may need so long until it listens. */
    private static final long SETTLED_MILLIS = 30_000;

    /** Whose owner could change without its socket, by exec or a socket passed on: looked at all the same now and then. */
    private static final int FULL_LOOKS = 150;

    private final Runs runs;
    private final Supervision supervision;
    private final Supplier<Spec> inForce;
    private final Chronicle chronicle;
    private final DaemonLog log;
    private final Map<PortNeed, Watched> watched = new HashMap<>();
    private int looks;

    PortWatch(Runs runs, Supervision supervision, Supplier<Spec> inForce, Chronicle chronicle, DaemonLog log) {
        this.runs = runs;
        this.supervision = supervision;
        this.inForce = inForce;
        this.chronicle = chronicle;
        this.log = log;
    }

    /** What is known of one address. */
    private static final class Watched {
        Set<Long> sockets = Set.of();
        boolean looked;
        boolean served;
        /** Told already. */
        PortVerdict told = PortVerdict.WELL;
        /** Seen once: told when it is seen again, for sockets change hands while programs are replaced. */
        PortVerdict suspected = PortVerdict.WELL;
        /** Program that had it when it was well. */
        String owner = "";
        /** Runs of the app at that time. */
        Set<String> servedBy = Set.of();
    }

    /** One address, and what the look needs to know of it. */
    private record Question(
            PortNeed need, boolean serves, Set<String> runs, boolean sure, Set<Long> before, String owner) {}

    private record Answer(Question question, Set<Long> sockets, Optional<PortVerdict> verdict) {}

    @Override
    public Optional<Lookout.Look> next() {
        List<Question> questions = questions();
        if (questions.isEmpty()) {
            return Optional.empty();
        }
        Set<Integer> ports = new HashSet<>();
        questions.forEach(question -> ports.add(question.need().address().port()));
        Belonging belonging = Belonging.of(runs);
        return Optional.of(new Lookout.Look() {
            @Override
            public Set<Integer> ports() {
                return ports;
            }

            @Override
            public Runnable at(List<TcpSocket> listening) {
                List<Answer> answers = new ArrayList<>();
                for (Question question : questions) {
                    answers.add(look(question, listening, belonging));
                }
                return () -> answers.forEach(PortWatch.this::seen);
            }
        });
    }

    private List<Question> questions() {
        boolean full = ++looks % FULL_LOOKS == 0;
        List<AppView> apps = supervision.supervisor().apps();
        List<Question> questions = new ArrayList<>();
        for (AppView app : apps) {
            if (wanted(app)) {
                for (PortNeed need : PortNeed.of(app, apps)) {
                    Watched one = watched.computeIfAbsent(need, added -> new Watched());
                    questions.add(question(need, one, serves(app, one) && !held(need), runs(app), full));
                }
            }
        }
        for (External external : inForce.get().externals().values()) {
            PortNeed need = PortNeed.of(external, apps);
            // What apps depend on is watched by ExternalWatch: here it is only whether v4 and v6 are the same.
            Watched one = watched.computeIfAbsent(need, added -> new Watched());
            questions.add(question(need, one, need.neededBy().isEmpty(), Set.of(), full));
        }
        Set<PortNeed> now = new HashSet<>();
        questions.forEach(question -> now.add(question.need()));
        watched.keySet().retainAll(now);
        return questions;
    }

    private static Question question(PortNeed need, Watched one, boolean serves, Set<String> runs, boolean full) {
        boolean sure = !full && one.looked && one.served == serves && one.suspected.equals(one.told);
        return new Question(need, serves, runs, sure, one.sockets, one.owner);
    }

    private static Set<String> runs(AppView app) {
        Set<String> all = new HashSet<>();
        app.instances().forEach(instance -> instance.run().ifPresent(all::add));
        return all;
    }

    private static boolean wanted(AppView app) {
        for (InstanceView instance : app.instances()) {
            if (!instance.held()
                    && instance.state() != InstanceState.STOPPED
                    && instance.state() != InstanceState.COMPLETED) {
                return true;
            }
        }
        return false;
    }

    /** Whether all that there is of it is ready, and has listened before or had its time: its addresses must be served. */
    private static boolean serves(AppView app, Watched one) {
        long now = System.currentTimeMillis();
        Set<String> serving = new HashSet<>();
        boolean settled = true;
        for (InstanceView instance : app.instances()) {
            if (instance.state() != InstanceState.READY || !instance.otherRuns().isEmpty()) {
                return false;
            }
            settled &= now - instance.started().orElse(now) >= SETTLED_MILLIS;
            instance.run().ifPresent(serving::add);
        }
        return !serving.isEmpty() && (settled || one.servedBy.containsAll(serving));
    }

    /** Whether we keep it open ourselves: it cannot be lost then, but a file of that name can. */
    private boolean held(PortNeed need) {
        for (LiveRun run : runs.all()) {
            if (run.instance.app().equals(need.name())
                    && need.address().port() != 0
                    && run.compartment
                            .filter(home ->
                                    home.addresses().contains(need.address().text()))
                            .isPresent()) {
                return true;
            }
        }
        return false;
    }

    // On the lookout's thread.

    private static Answer look(Question question, List<TcpSocket> listening, Belonging belonging) {
        PortNeed need = question.need();
        Set<Long> sockets = need.address().port() == 0
                ? file(need.address().path())
                : ExternalLook.onPort(listening, need.address().port());
        Optional<PortVerdict> verdict = question.sure() && sockets.equals(question.before())
                ? Optional.empty()
                : Optional.of(PortVerdict.of(need, question.serves(), !sockets.isEmpty(), question.owner(), belonging));
        return new Answer(question, sockets, verdict);
    }

    /** A socket's file stands for the socket: the kernel's table of unix sockets may be long. */
    private static Set<Long> file(String path) {
        try {
            BasicFileAttributes file = Files.readAttributes(Path.of(path), BasicFileAttributes.class);
            return Set.of((long) String.valueOf(file.fileKey()).hashCode());
        } catch (IOException gone) {
            return Set.of();
        }
    }

    // On the loop again.

    private void seen(Answer answer) {
        PortNeed need = answer.question().need();
        Watched one = watched.get(need);
        if (one == null) {
            return;
        }
        one.looked = true;
        one.served = answer.question().serves();
        one.sockets = answer.sockets();
        if (answer.verdict().isEmpty()) {
            return;
        }
        PortVerdict verdict = answer.verdict().get();
        if (verdict.isWell() && !verdict.owner().isEmpty()) {
            one.owner = verdict.owner();
            one.servedBy = answer.question().runs();
        }
        if (verdict.isSame(one.told)) {
            one.suspected = one.told;
        } else if (verdict.isWell() || verdict.isSame(one.suspected)) {
            tell(need, one.told, verdict);
            one.told = verdict;
            one.suspected = verdict;
        } else {
            one.suspected = verdict;
        }
    }

    private void tell(PortNeed need, PortVerdict before, PortVerdict now) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(
                "message", now.isWell() ? need.place() + " is as it should be again" + now.ownerWords() : now.words());
        fields.put("address", need.address().text());
        if (need.external()) {
            fields.put("external", need.name());
        }
        fields.put("needed_by", need.neededBy());
        fields.putAll(now.fields());
        if (now.isWell()) {
            fields.put("was", before.kind().type());
        } else {
            fields.put("alert", true);
        }
        chronicle.tellApp(now.kind().type(), need.external() ? "" : need.name(), fields);
        log.info(String.valueOf(fields.get("message")));
    }
}
