package io.bulkhead.host;

import io.bulkhead.linux.ListeningSockets;
import io.bulkhead.linux.Sight;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Listen;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a run when it is to be found out where it serves: noted on the loop, used on any thread.
 *
 * @param members its living processes
 * @param folder where its Node processes put their private sockets, whether there are such or not
 * @param holders the daemon and the run's keeper: a socket that one of them has open was handed over
 */
record RunSockets(AppSpec app, List<Integer> members, Path folder, List<Integer> holders) {

    private static final String READY = ".ready";

    /** The private socket on which a Node process of the run serves its address number {@code index}, whoever has the shared one. */
    Optional<Path> privately(int index) {
        return file("." + index);
    }

    /** Whether a process of it has sent 'ready' to whoever started it, as process.send does. */
    boolean saidReady() {
        return file(READY).isPresent();
    }

    /** Whether it takes connections itself at every address of the app. */
    Sight listens() {
        Sight all = Sight.WAITS;
        for (int index = 0; index < app.listen().size(); index++) {
            Sight one = listens(index);
            if (one == Sight.NOT_YET) {
                return one;
            }
            all = one == Sight.HIDDEN ? one : all;
        }
        return all;
    }

    /** Whether it takes connections itself at the app's address number {@code index}. */
    Sight listens(int index) {
        if (privately(index).isPresent()) {
            return Sight.WAITS;
        }
        Listen address = app.listen().get(index);
        ListeningSockets sockets = address.port() == 0
                ? ListeningSockets.atFile(Path.of(address.path()))
                : ListeningSockets.atPort(address.port());
        return sockets.heldBy(holders) == Sight.WAITS ? sockets.awaitedBy(members) : sockets.heldBy(members);
    }

    private Optional<Path> file(String ending) {
        for (int pid : members) {
            Path file = folder.resolve(pid + ending);
            if (Files.exists(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
