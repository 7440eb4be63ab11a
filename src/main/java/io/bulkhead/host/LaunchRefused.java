package io.bulkhead.host;

import io.bulkhead.core.Refusal;

/** A program cannot be started, for a reason its user can mend. */
final class LaunchRefused extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    LaunchRefused(Refusal refusal) {
        super(refusal.message());
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
