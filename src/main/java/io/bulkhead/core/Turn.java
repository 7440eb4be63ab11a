package io.bulkhead.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The handling of one event: its time, and the effects so far. */
final class Turn {

    final Now now;
    final long number;
    final List<Effect> effects = new ArrayList<>();
    /** Something has been decided that other decisions may follow from. */
    boolean moved;

    private int hooks;

    Turn(Now now, long number) {
        this.now = now;
        this.number = number;
    }

    /** Never the same twice. */
    long hookId() {
        return (number << 16) + ++hooks;
    }

    long time() {
        return now.monotonicMillis();
    }

    void add(Effect effect) {
        effects.add(effect);
        moved = true;
    }

    void tell(String type, Instance instance, String run, Map<String, Object> fields) {
        effects.add(new Effect.Tell(type, instance.id.app(), instance.id.index(), run, fields));
    }

    void tell(String type, App app, Map<String, Object> fields) {
        effects.add(new Effect.Tell(type, app.name, -1, "", fields));
    }
}
