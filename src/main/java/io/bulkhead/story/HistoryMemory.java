package io.bulkhead.story;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

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

    void add(Incident incident) {
        incidents.add(incident);
        if (incidents.size() > MOST_INCIDENTS) {
            incidents.remove();
            lost++;
        }
    }

    void resolve(long number, long millis) {
        int left = incidents.size();
        for (Iterator<Incident> all = List.copyOf(incidents).iterator(); left > 0; left--) {
            Incident one = all.next();
            incidents.remove();
            boolean meant =
                    Incident.number(one.id()) == number && one.resolvedMillis().isEmpty();
            incidents.add(meant ? one.resolvedAt(millis) : one);
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
