package io.bulkhead.story;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The newest events and incidents while the database cannot be used. Owned by one thread. */
final class HistoryMemory {

    static final int MOST_EVENTS = 1000;
    static final int MOST_INCIDENTS = 100;

    final ArrayDeque<StoryEvent> events = new ArrayDeque<>();
    final ArrayDeque<Incident> incidents = new ArrayDeque<>();
    private long lost;

    void add(StoryEvent event) {
        events.add(event);
        if (events.size() > MOST_EVENTS) {
            events.remove();
            lost++;
        }
    }

    /** What was added with the same id goes. */
    void add(Incident incident) {
        incidents.removeIf(one -> one.id().equals(incident.id()));
        incidents.add(incident);
        if (incidents.size() > MOST_INCIDENTS) {
            incidents.remove();
            lost++;
        }
    }

    void resolve(long number, long millis) {
        resolve(one -> Incident.number(one.id()) == number, millis);
    }

    void resolve(String app, int instance, long millis) {
        resolve(one -> one.app().equals(app) && one.instance() == instance, millis);
    }

    private void resolve(Predicate<Incident> meant, long millis) {
        for (int left = incidents.size(); left > 0; left--) {
            Incident one = incidents.remove();
            boolean over = one.resolvedMillis().isEmpty() && meant.test(one);
            incidents.add(over ? one.resolvedAt(millis) : one);
        }
    }

    List<StoryEvent> events(long afterSeq, int limit, String app) {
        boolean newest = afterSeq < 0;
        List<StoryEvent> found = new ArrayList<>();
        for (StoryEvent event : newest ? events.reversed() : events) {
            if (event.seq() > afterSeq
                    && found.size() < limit
                    && (app.isEmpty() || event.app().equals(app))) {
                found.add(event);
            }
        }
        return newest ? found.reversed() : found;
    }

    List<Incident> incidents(String app, int limit) {
        List<Incident> found = new ArrayList<>();
        for (Incident incident : incidents.reversed()) {
            if (found.size() < limit && (app.isEmpty() || incident.app().equals(app))) {
                found.add(incident);
            }
        }
        return found;
    }

    /** What did not fit any more since the last {@link #clear}. */
    long lost() {
        return lost;
    }

    void clear() {
        events.clear();
        incidents.clear();
        lost = 0;
    }
}
