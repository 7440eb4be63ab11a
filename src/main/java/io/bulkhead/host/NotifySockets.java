package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Identity;
import io.bulkhead.linux.NotifySocket;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Hears programs that say themselves when they are ready ({@code ready: notify}, sd_notify(3)): one socket for each instance, which only its app's user and
 * root can send to. A message counts for the run in whose compartment its sender is.
 */
final class NotifySockets {

    /** More in a row wait for {@link #BREATH_MILLIS}: a program that floods its socket does not keep the loop busy. */
    private static final int MOST_AT_ONCE = 32;

    private static final long BREATH_MILLIS = 200;
    private static final int MOST_STATUS = 200;

    private record Open(NotifySocket socket, Optional<Identity> owner) {}

    private final Loop loop;
    private final Worker worker;
    private final Path folder;
    private final Compartments compartments;
    private final DaemonLog log;
    private final Consumer<Event> outcome;
    private final Map<InstanceId, Open> sockets = new ConcurrentHashMap<>();

    NotifySockets(
            Loop loop,
            Worker worker,
            Path runFolder,
            Compartments compartments,
            DaemonLog log,
            Consumer<Event> outcome) {
        this.loop = loop;
        this.worker = worker;
        this.folder = runFolder.resolve("s");
        this.compartments = compartments;
        this.log = log;
        this.outcome = outcome;
    }

    /**
     * Makes the socket of {@code instance}, unless it is there and heard. On the worker.
     *
     * @param owner the app's user; empty: the daemon's own
     * @return what its programs are told as NOTIFY_SOCKET
     */
    Path open(InstanceId instance, Optional<Identity> owner) throws IOException {
        Path path = folder.resolve(instance.app() + "-" + instance.index());
        Open before = sockets.get(instance);
        if (before != null && before.owner.equals(owner)) {
            return path;
        }
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        }
        Open made = new Open(new NotifySocket(path, owner), owner);
        sockets.put(instance, made);
        loop.post(() -> {
            if (before != null) {
                close(before);
            }
            watch(instance, made.socket);
        });
        return path;
    }

    /** No run of it is left. */
    void close(InstanceId instance) {
        Open open = sockets.remove(instance);
        if (open != null) {
            close(open);
            open.socket.delete();
        }
    }

    private void close(Open open) {
        loop.unwatch(open.socket.fd());
        open.socket.close();
    }

    private void watch(InstanceId instance, NotifySocket socket) {
        try {
            loop.watch(socket.fd(), () -> hear(instance, socket));
        } catch (ErrnoException refused) {
            log.warn(instance + ": its NOTIFY_SOCKET cannot be heard: " + refused.getMessage());
        }
    }

    private void hear(InstanceId instance, NotifySocket socket) {
        List<NotifySocket.Message> messages;
        try {
            messages = socket.read(MOST_AT_ONCE);
        } catch (ErrnoException broken) {
            log.warn(instance + ": " + broken.getMessage());
            loop.unwatch(socket.fd());
            return;
        }
        for (NotifySocket.Message message : messages) {
            sender(instance, message).ifPresent(run -> heard(run, message));
        }
        if (messages.size() == MOST_AT_ONCE) {
            loop.unwatch(socket.fd());
            loop.after(BREATH_MILLIS, () -> {
                Open open = sockets.get(instance);
                if (open != null && open.socket == socket) {
                    watch(instance, socket);
                }
            });
        }
    }

    /** The run whose process has sent it. Of one that has ended since, as systemd-notify does, the file's owner is witness enough, where only one run lives. */
    private Optional<LiveRun> sender(InstanceId instance, NotifySocket.Message message) {
        List<LiveRun> living = new ArrayList<>();
        for (Compartment compartment : compartments.all()) {
            if (compartment.instance.equals(instance)) {
                compartment.run.filter(run -> run.phase == LiveRun.Phase.ALIVE).ifPresent(living::add);
            }
        }
        for (LiveRun run : living) {
            if (compartments.members(run).contains(message.pid())) {
                return Optional.of(run);
            }
        }
        boolean gone = Proc.HOST.stat(message.pid()).map(ProcessStat::zombie).orElse(true);
        if (gone && living.size() == 1) {
            return Optional.of(living.getFirst());
        }
        log.warn(instance + ": process " + message.pid() + " of user " + message.uid()
                + " told its NOTIFY_SOCKET something and is none of its own: not heard");
        return Optional.empty();
    }

    private void note(LiveRun run) {
        run.compartment.ifPresent(compartment -> worker.execute(() -> {
            try {
                RunRecord.writeReady(compartment.folder, run.id);
            } catch (IOException failed) {
                log.warn(
                        run.instance + ": that it is ready cannot be noted for a later daemon: " + failed.getMessage());
            }
        }));
    }

    private void heard(LiveRun run, NotifySocket.Message message) {
        message.value("STATUS")
                .ifPresent(status -> run.says = status.substring(0, Math.min(MOST_STATUS, status.length())));
        if (message.value("STOPPING").filter("1"::equals).isPresent()) {
            log.info(run.instance + ": says that it is stopping");
        }
        if (!run.watchdogTold && message.text().contains("WATCHDOG")) {
            run.watchdogTold = true;
            log.info(run.instance
                    + ": WATCHDOG messages mean nothing to Bulkhead; a healthcheck does what they are for");
        }
        if (message.value("READY").filter("1"::equals).isPresent()) {
            note(run);
            outcome.accept(new Event.RunReady(run.id));
        }
    }
}
