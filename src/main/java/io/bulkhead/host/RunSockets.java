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
 * @param handed addresses of the sockets that it was handed, as {@link Listen#text} writes them, in order
 */
record RunSockets(AppSpec app, List<Integer> members, Path folder, List<String> handed) {

    private static final String READY = ".ready";

    /** The private socket on which a Node process of the run serves {@code address}, whoever has the shared one. */
    Optional<Path> privately(Listen address) {
        int index = handed.indexOf(address.text());
        return index < 0 ? Optional.empty() : file("." + index);
    }

    /** Whether a process of it has sent 'ready' to whoever started it, as process.send does. */
    boolean saidReady() {
        return file(READY).isPresent();
    }

    /** Whether it takes connections itself at every address of the app. */
    Sight listens() {
        Sight all = Sight.WAITS;
        for (Listen address : app.listen()) {
            Sight one = listens(address);
            if (one == Sight.NOT_YET) {
                return one;
            }
            all = one == Sight.HIDDEN ? one : all;
        }
        return all;
    }

    /** Whether it takes connections itself at {@code address}. */
    Sight listens(Listen address) {
        if (privately(address).isPresent()) {
            return Sight.WAITS;
        }
        ListeningSockets sockets = address.port() == 0
                ? ListeningSockets.atFile(Path.of(address.path()))
                : ListeningSockets.atPort(address.port());
        // One that was handed over takes connections whether anybody waits for them or not.
        return handed.contains(address.text()) ? sockets.awaitedBy(members) : sockets.heldBy(members);
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
