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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The listening sockets of all apps, opened before an app's first run and kept as long as the app may run again: connections wait while no program
 * lives. Each keeper of the app has copies. On the worker, and before it works on whoever takes over what a former daemon left.
 *
 * <p>systemd's descriptor store (FDSTORE=1, sd_notify(3)) is not used. Keepers outlive the daemon, with the sockets, where there is no systemd too; the
 * store is emptied when the unit is stopped (FileDescriptorStorePreserve is of systemd 254), so {@code shutdown --keep-apps} would lose them; and an
 * app's stop would have to close its sockets in one more place.
 */
final class Sockets {

    /** Who may reach the folder may connect, as whoever reaches the machine may to a port; the default of systemd.socket(5) too. */
    private static final int FILE_MODE = 0666;

    private final DaemonLog log;
    /** By app, then by {@link Listen#text}. */
    private final Map<String, Map<String, Held>> open = new HashMap<>();

    /**
     * @param address as {@link Listen#text} has it
     * @param socket empty where only keepers have it, since the kernel does not let this daemon take it from them
     */
    record Held(String address, Optional<ListenSocket> socket) {}

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
    List<Held> hold(AppSpec app, List<Listen> addresses, Optional<Identity> identity) throws LaunchRefused {
        List<Held> held = new ArrayList<>();
        for (Listen address : addresses) {
            Optional<Held> known = known(app.name(), address.text());
            if (known.isPresent() && address.port() == 0 && !SocketFile.mend(Path.of(address.path()))) {
                forget(app.name(), known.get());
                known = Optional.empty();
            }
            if (known.isEmpty()) {
                Held opened = new Held(address.text(), Optional.of(open(address, identity)));
                know(app.name(), opened);
                known = Optional.of(opened);
            }
            held.add(known.get());
        }
        return held;
    }

    private Optional<Held> known(String app, String address) {
        return Optional.ofNullable(open.getOrDefault(app, Map.of()).get(address));
    }

    private void forget(String app, Held held) {
        held.socket().ifPresent(ListenSocket::close);
        Map<String, Held> own = open.getOrDefault(app, Map.of());
        own.remove(held.address());
        if (own.isEmpty()) {
            open.remove(app);
        }
    }

    /** A program of {@code app} has ended: puts back the files that it has removed and others serve. From any thread, at once. */
    void mend(String app, List<Held> held) {
        for (Held one : held) {
            if (one.address().startsWith("/") && !SocketFile.mend(Path.of(one.address()))) {
                log.warn(app + ": somebody has removed " + one.address()
                        + "; nobody can connect to it until the app is restarted");
            }
        }
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
    static Optional<InetAddress> resolve(Listen address) throws UnknownHostException {
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

    /**
     * What is in the way of {@code app}'s addresses, if anything is. Changes nothing, and belongs to no thread.
     *
     * @param held whether the app has the address already
     * @param daemon that may hold them for the app itself; 0 for none
     * @param closesOrphans whether an orphaned tunnel is ended before the start
     */
    static Optional<Refusal> obstacle(AppSpec app, Predicate<Listen> held, int daemon, boolean closesOrphans) {
        for (Listen address : app.listen()) {
            try {
                if (held.test(address)) {
                    continue;
                }
                if (address.port() != 0) {
                    ListenSocket.tryTcp(resolve(address), address.port());
                } else if (!AddressTaken.isFree(address) && isForeign(address, app, daemon, closesOrphans)) {
                    return Optional.of(AddressTaken.refusal(address));
                }
            } catch (IOException failed) {
                boolean taken = failed instanceof ErrnoException error && error.errno() == Errno.EADDRINUSE;
                if (taken && isForeign(address, app, daemon, closesOrphans)) {
                    return Optional.of(AddressTaken.refusal(address));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isForeign(Listen address, AppSpec app, int daemon, boolean closesOrphans) {
        return !AddressTaken.isServedFor(address, app.name())
                && !AddressTaken.isServedBy(address, Set.of(daemon))
                && !(closesOrphans && AddressTaken.isHeldByOrphan(address));
    }

    /** Closes the sockets of {@code app} but for those of {@code addresses}. */
    void keepOnly(String app, Set<String> addresses) {
        for (Held held : List.copyOf(open.getOrDefault(app, Map.of()).values())) {
            if (!addresses.contains(held.address())) {
                forget(app, held);
                removeFile(app, held.address());
            }
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
     * Gets the sockets back that a former daemon opened for {@code app}, as far as the kernel allows.
     *
     * @param addresses those of {@code keeper}, in order
     */
    List<Held> takeBack(String app, List<String> addresses, Pidfd keeper) {
        List<Held> back = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            String address = addresses.get(i);
            Optional<Held> known = known(app, address);
            if (known.isEmpty()) {
                Held taken = new Held(address, take(app, keeper, Keeper.FIRST_SOCKET + i));
                taken.socket().ifPresent(socket -> know(app, taken));
                known = Optional.of(taken);
            }
            back.add(known.get());
        }
        return back;
    }

    /** A keeper that stays has it. */
    void know(String app, Held held) {
        open.computeIfAbsent(app, name -> new LinkedHashMap<>()).putIfAbsent(held.address(), held);
    }

    private Optional<ListenSocket> take(String app, Pidfd keeper, int number) {
        try {
            return Optional.of(ListenSocket.takenFrom(keeper, number));
        } catch (ErrnoException notPermitted) {
            log.info(app + ": " + notPermitted.getMessage() + ": the socket stays with its keepers");
            return Optional.empty();
        }
    }
}
