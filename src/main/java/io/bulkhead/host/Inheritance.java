package io.bulkhead.host;

import io.bulkhead.linux.FileLock;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.ListenSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a new keeper holds for its programs.
 *
 * @param kin compartments of the same app, whose keepers can pass on what the daemon itself does not have
 */
record Inheritance(List<Sockets.Held> sockets, List<Compartment> kin) {

    static final String LOCK = "lock";

    /** Starts one in {@code place}, with the lock there. */
    Keeper keeper(Path place, Path stdout, Path stderr, List<Path> joins) throws IOException {
        List<ListenSocket> own = new ArrayList<>();
        sockets.forEach(held -> held.socket().ifPresent(own::add));
        Path file = place.resolve(LOCK);
        try (FileLock lock =
                FileLock.tryTake(file).orElseThrow(() -> new IOException(file + " is held by another process"))) {
            if (own.size() == sockets.size()) {
                return Keeper.start(place, stdout, stderr, lock, own, joins);
            }
        }
        for (Compartment one : kin) {
            if (!one.keeperGone && one.keeper.isOurs() && one.sockets.equals(sockets)) {
                return one.keeper.startNext(place, stdout, stderr, file, joins);
            }
        }
        throw new IOException("only keepers of a former daemon have its sockets, and this one may not take them"
                + " from there; stop the app, then start it");
    }
}
