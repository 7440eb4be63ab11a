package io.bulkhead.spec;

import java.time.Duration;

/**
 * How and how often a run is asked whether it is well, and what follows.
 *
 * @param interval from the end of one check to the beginning of the next
 * @param timeout a check that takes longer has failed
 * @param failures so many failed checks among the last {@code window} make a run unhealthy; 1 to {@code window}
 * @param window {@code retries} alone sets both
 * @param startPeriod from the start of a run; failures within do not count, and nothing is drained
 * @param startTimeout a replacement that is not ready by then has failed; elsewhere it is reported
 * @param replaceUnhealthy whether an unhealthy run is replaced
 */
public record HealthCheck(
        Probe probe,
        Duration interval,
        Duration timeout,
        int failures,
        int window,
        Duration startPeriod,
        Duration startTimeout,
        boolean replaceUnhealthy) {

    /** The same with another answer to an unhealthy run. */
    public HealthCheck with(boolean replaces) {
        return new HealthCheck(probe, interval, timeout, failures, window, startPeriod, startTimeout, replaces);
    }
}
