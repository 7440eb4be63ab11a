package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.TreeMap;

/** One app and its instances. */
final class App {

    final String name;
    Origin origin;
    AppSpec spec;
    /** The specification that all instances last ran with; a failed roll goes back to it. */
    AppSpec settled;
    /** To be forgotten when its instances are gone. */
    boolean leaving;
    /** Stopped because the host is short of memory: see {@link Shedding}. */
    boolean shed;
    /** How often in a row. */
    int sheds;
    /** When it was shed last, monotonic milliseconds. */
    long shedAt;
    /** Why it was shed. */
    String shedWords = "";
    /** A person started it though the host is short. */
    boolean insistedOn;

    long rolledBackTurn = -1;
    final TreeMap<Integer, Instance> instances = new TreeMap<>();
    final Timetable timetable = new Timetable();

    App(AppSpec spec, Origin origin) {
        this.name = spec.name();
        this.spec = spec;
        this.settled = spec;
        this.origin = origin;
    }

    boolean startsOnSchedule() {
        return spec.schedule().isPresent()
                && spec.schedule().get() instanceof AppSpec.Schedule.StartAt
                && spec.restart().policy() != AppSpec.Restart.Policy.ALWAYS;
    }

    boolean hasRuns() {
        for (Instance instance : instances.values()) {
            if (instance.hasRuns()) {
                return true;
            }
        }
        return false;
    }
}
