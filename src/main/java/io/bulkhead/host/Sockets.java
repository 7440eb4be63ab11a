package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Errno;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Identity;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.ListenSocket;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.SocketFile;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Listen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The listening sockets of all apps, opened before an app's first run and kept as long as the app may run again: connections wait while no program
 * lives. Each keeper of the app has copies. On the worker, and before it works on whoever takes over what a former daemon left.
 */
final class Sockets {

    /** Who may reach the folder may connect, as whoever reaches the machine may to a port; the default of systemd.socket(5) too. */
    private static final int FILE_MODE = 0666;

    private final DaemonLog log;
    /** By app, then by {@link Listen#text}. */
    private final Map<String, Map<String, ListenSocket>> open = new HashMap<>();

    Sockets(DaemonLog log) {
        this.log = log;
    }

    /** Apps that have any. */
    Set<String> apps() {
        return Set.copyOf(open.keySet());
    }

    /**
     * The sockets of {@code addresses} in that order; those that are not open yet are opened, for all instances of the app.
     *
     * @param identity whose the files among them become
     * @throws LaunchRefused when one cannot be opened: somebody else listens there, say
     */
    List<ListenSocket> hold(AppSpec app, List<Listen> addresses, Optional<Identity> identity) throws LaunchRefused {
        List<ListenSocket> held = new ArrayList<>();
        for (Listen address : addresses) {
            Map<String, ListenSocket> own = open.getOrDefault(app.name(), Map.of());
            ListenSocket socket = own.get(address.text());
            if (socket == null) {
                socket = open(address, identity);
                open.computeIfAbsent(app.name(), name -> new LinkedHashMap<>()).put(address.text(), socket);
            }
            held.add(socket);
        }
        return held;
    }

    private static ListenSocket open(Listen address, Optional<Identity> identity) throws LaunchRefused {
        try {
            if (address.port() != 0) {
                return ListenSocket.tcp(resolve(address), address.port());
            }
            OptionalInt uid = identity.map(who -> OptionalInt.of(who.uid())).orElse(OptionalInt.empty());
            OptionalInt gid = identity.map(who -> OptionalInt.of(who.gid())).orElse(OptionalInt.empty());
            return SocketFile.listen(Path.of(address.path()), FILE_MODE, uid, gid);
        } catch (IOException failed) {
            throw refused(address, failed);
        }
    }

    /** Of a name's addresses the IPv4 one, as for those who connect to it that is tried everywhere. */
    private static Optional<InetAddress> resolve(Listen address) throws UnknownHostException {
        if (address.host().isEmpty()) {
            return Optional.empty();
        }
        InetAddress[] known = InetAddress.getAllByName(address.host());
        for (InetAddress one : known) {
            if (one.getAddress().length == 4) {
                return Optional.of(one);
            }
        }
        return Optional.of(known[0]);
    }

    private static LaunchRefused refused(Listen address, IOException failed) {
        Refusal why = failed instanceof ErrnoException error && error.errno() == Errno.EADDRINUSE
                ? AddressTaken.refusal(address)
                : ListenRefusals.of(address, failed);
        return new LaunchRefused(why);
    }

    /**
     * Makes sure that nobody is in the way of a program that opens {@code address} itself.
     *
     * @throws LaunchRefused when somebody is, who is not among {@code own}
     */
    void guard(Listen address, Set<Integer> own) throws LaunchRefused {
        try {
            if (address.port() == 0) {
                SocketFile.makeWay(Path.of(address.path()));
            } else {
                ListenSocket.tryTcp(resolve(address), address.port());
            }
        } catch (IOException failed) {
            if (!(failed instanceof ErrnoException error && error.errno() == Errno.EADDRINUSE)) {
                // The program may yet know what to do.
                return;
            }
            if (!AddressTaken.isServedBy(address, own)) {
                throw new LaunchRefused(AddressTaken.refusal(address));
            }
        }
    }

    /** Closes the sockets of {@code app} but for those of {@code addresses}. */
    void keepOnly(String app, Set<String> addresses) {
        Map<String, ListenSocket> own = open.getOrDefault(app, Map.of());
        for (Iterator<Map.Entry<String, ListenSocket>> each = own.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<String, ListenSocket> socket = each.next();
            if (!addresses.contains(socket.getKey())) {
                each.remove();
                socket.getValue().close();
                removeFile(app, socket.getKey());
            }
        }
        if (own.isEmpty()) {
            open.remove(app);
        }
    }

    private void removeFile(String app, String address) {
        if (!address.startsWith("/")) {
            return;
        }
        try {
            SocketFile.makeWay(Path.of(address));
        } catch (IOException stillUsed) {
            log.info(app + ": " + address + " stays: " + stillUsed.getMessage());
        }
    }

    /**
     * Gets the sockets back that a former daemon opened for {@code app}.
     *
     * @param addresses those of {@code keeper}, in order
     */
    void takeBack(String app, List<String> addresses, Pidfd keeper) throws ErrnoException {
        for (int i = 0; i < addresses.size(); i++) {
            Map<String, ListenSocket> own = open.computeIfAbsent(app, name -> new LinkedHashMap<>());
            if (!own.containsKey(addresses.get(i))) {
                own.put(addresses.get(i), ListenSocket.takenFrom(keeper, Keeper.FIRST_SOCKET + i));
            }
        }
    }
}
