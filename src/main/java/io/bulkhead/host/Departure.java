package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.core.Outcome;
import java.util.concurrent.CompletableFuture;

/** How the daemon ends. On the loop. */
interface Departure {

    /** Stops everything in order, then the daemon ends. Answered when nothing runs any more; with {@code wait} false, at once. */
    CompletableFuture<Outcome> stopAll(boolean wait);

    /**
     * The daemon ends, the apps go on.
     *
     * @param heir process id of the daemon that takes over; 0: nobody does
     * @throws ApiException where that cannot be; then nothing has changed
     */
    void leave(int heir) throws ApiException;
}
