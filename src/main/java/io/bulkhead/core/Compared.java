package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import org.jspecify.annotations.Nullable;

/**
 * The last answer of {@link Difference#needsNewRun}: it is asked for every run after every event, and two specifications have forty keys.
 */
final class Compared {

    private @Nullable AppSpec before;
    private @Nullable AppSpec next;
    private boolean needsNewRun;

    boolean needsNewRun(AppSpec one, AppSpec other) {
        if (one != before || other != next) {
            before = one;
            next = other;
            needsNewRun = Difference.needsNewRun(one, other);
        }
        return needsNewRun;
    }
}
