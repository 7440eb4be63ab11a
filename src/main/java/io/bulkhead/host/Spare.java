package io.bulkhead.host;

import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.SpawnFile;
import io.bulkhead.spec.AppSpec;
import java.util.Optional;

/** A process that has gone all the way to an app's program but for the last step. Owned by the loop. */
final class Spare {

    final AppSpec app;
    final SpawnFile file;
    final long askedMillis;
    /** Empty until the keeper has told its number. */
    Optional<Pidfd> process = Optional.empty();
    /** It shall end: the app has changed, or a person stops it. */
    boolean unwanted;

    Spare(AppSpec app, SpawnFile file, long askedMillis) {
        this.app = app;
        this.file = file;
        this.askedMillis = askedMillis;
    }

    /** Its number; 0 until the keeper has told it. */
    int pid() {
        return process.isPresent() ? process.get().pid() : 0;
    }
}
