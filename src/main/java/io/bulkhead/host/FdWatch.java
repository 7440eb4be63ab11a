package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.Descriptors;
import io.bulkhead.linux.TcpSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Counts the descriptors of each run on every second beat, and tells once a run that they grow without a bound, or near their limit. On the loop, but for the looks. */
final class FdWatch implements Lookout.Watcher {

    private static final int EVERY = 2;

    /** Below, the limit is not even read: programs begin with some dozens. */
    private static final int FEW = 200;

    private static final int NEAR_PERCENT = 80;

    private final Runs runs;
    private final Chronicle chronicle;
    private final Map<String, FdTrack> tracks = new HashMap<>();
    private int beats;

    FdWatch(Runs runs, Chronicle chronicle) {
        this.runs = runs;
        this.chronicle = chronicle;
    }

    Optional<FdTrack> of(String run) {
        return Optional.ofNullable(tracks.get(run));
    }

    private record Question(String run, InstanceId instance, Cgroup group, int pid, int keeper) {}

    /** @param most process with the most, and {@code highest} how many; {@code limit} is its own, 0: not looked up */
    private record Answer(Question question, int count, int most, int highest, int limit) {}

    @Override
    public Optional<Lookout.Look> next() {
        if (++beats % EVERY != 0) {
            return Optional.empty();
        }
        List<Question> questions = new ArrayList<>();
        Set<String> living = new HashSet<>();
        for (LiveRun run : runs.all()) {
            if (run.phase == LiveRun.Phase.ALIVE && run.compartment.isPresent()) {
                living.add(run.id);
                questions.add(new Question(
                        run.id,
                        run.instance,
                        run.home().cgroup,
                        run.pid,
                        run.home().keeper.pid()));
            }
        }
        tracks.keySet().retainAll(living);
        if (questions.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Lookout.Look() {
            @Override
            public Set<Integer> ports() {
                return Set.of();
            }

            @Override
            public Runnable at(List<TcpSocket> listening) {
                List<Answer> answers = new ArrayList<>();
                questions.forEach(question -> answers.add(look(question)));
                return () -> answers.forEach(FdWatch.this::seen);
            }
        });
    }

    private static Answer look(Question question) {
        int all = 0;
        int most = 0;
        int highest = 0;
        try {
            for (int pid : question.group().members()) {
                OptionalInt count = pid == question.keeper() ? OptionalInt.empty() : Descriptors.count(pid);
                if (count.isPresent()) {
                    all += count.getAsInt();
                    if (count.getAsInt() > highest) {
                        highest = count.getAsInt();
                        most = pid;
                    }
                }
            }
        } catch (IOException gone) {
            return new Answer(question, 0, 0, 0, 0);
        }
        int limit = highest < FEW ? 0 : Descriptors.limit(most).orElse(0);
        return new Answer(question, all, most, highest, limit);
    }

    private void seen(Answer answer) {
        if (answer.count() == 0 || runs.find(answer.question().run()).isEmpty()) {
            return;
        }
        FdTrack track = tracks.computeIfAbsent(answer.question().run(), first -> new FdTrack());
        track.saw(Loop.now(), answer.count(), answer.limit());
        boolean near = answer.limit() > 0 && answer.highest() * 100L >= (long) answer.limit() * NEAR_PERCENT;
        boolean grows = track.growth() > 0;
        if (near && !track.limitTold || grows && !track.growthTold) {
            track.limitTold |= near;
            track.growthTold |= grows;
            int growth = track.growth();
            Thread.ofVirtual().name("descriptors").start(() -> tell(answer, near, growth));
        }
    }

    /** On a thread of its own. */
    private void tell(Answer answer, boolean near, int growth) {
        Descriptors.Sockets sockets = Descriptors.sockets(answer.most());
        if (!near && growth <= 2 * sockets.accepted()) {
            return; // its clients become more: that is load
        }
        InstanceId instance = answer.question().instance();
        String kinds = sockets.all() * 2 < answer.highest()
                ? (answer.highest() - sockets.all())
                        + " of them are no sockets: files, pipes or watches that are not closed"
                : sockets.all() + " of them are sockets"
                        + (sockets.closeWait() * 2 > sockets.all()
                                ? ", " + sockets.closeWait()
                                        + " of these in CLOSE_WAIT: the other end has closed them, the program has not"
                                : sockets.opened() * 2 > sockets.all()
                                        ? ", " + sockets.opened() + " of these connections that it opened itself"
                                        : sockets.accepted() * 2 > sockets.all()
                                                ? ", " + sockets.accepted() + " of these connections of its clients"
                                                : "");
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(
                "message",
                instance + " (pid " + answer.most() + ") has " + answer.highest() + " descriptors open"
                        + (answer.limit() > 0 ? " of the " + answer.limit() + " that it may open" : "")
                        + (growth > 0 ? ", " + growth + " more than ten minutes ago and more with every minute" : "")
                        + "; " + kinds);
        fields.put("pid", answer.most());
        fields.put("descriptors", answer.count());
        fields.put("limit", answer.limit());
        fields.put("sockets", sockets.all());
        fields.put("close_wait", sockets.closeWait());
        fields.put("alert", true);
        chronicle.tell("fd.growth", instance, answer.question().run(), fields);
    }
}
