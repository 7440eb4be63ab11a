package io.bulkhead.story;

import java.util.List;

/** {@code killed-by-other}: a person's kill -9, or another program's. */
final class KilledByStranger implements Rule {

    @Override
    public List<String> evidence(Death death) {
        return List.of("the kernel killed nothing in its compartment, and Bulkhead sent no signal");
    }

    @Override
    public List<String> advice(Death death) {
        return List.of(
                "ask who was logged in (`last`), and look for a second manager of the same program: PM2, a panel, a cron"
                        + " job with pkill");
    }
}
