package io.bulkhead.core;

import io.bulkhead.spec.HealthCheck;

/** Counts the checks of one run that failed: so many among the last so many make it unhealthy. A timeout is a failure like any other. */
final class HealthPolicy {

    private boolean[] failed = new boolean[1];
    private int next;
    private int failures;

    /** Takes in a check that counts, and says whether the run is unhealthy now. */
    boolean unhealthyAfter(boolean well, HealthCheck check) {
        if (failed.length != check.window()) {
            failed = new boolean[check.window()];
            next = 0;
            failures = 0;
        }
        failures += (well ? 0 : 1) - (failed[next] ? 1 : 0);
        failed[next] = !well;
        next = (next + 1) % failed.length;
        return failures >= check.failures();
    }
}
