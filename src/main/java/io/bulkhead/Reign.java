package io.bulkhead;

import io.bulkhead.cli.Caller;
import io.bulkhead.cli.DaemonOptions;
import io.bulkhead.cli.LiveView;
import io.bulkhead.host.Server;
import io.bulkhead.linux.FileLock;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.ServiceUnit;
import io.bulkhead.linux.Signals;
import io.bulkhead.linux.TerminalSize;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import sun.misc.Signal;

/**
 * This process as the daemon of its home: until everything is stopped, or another daemon serves in its place. One that was to take over and ended before it
 * could is no reason to leave the apps alone: then this one goes on, with its own version of everything.
 */
final class Reign {

    /** An emulated machine was seen to need ten seconds from the lock to the socket. */
    private static final long HEIR_MILLIS = 60_000;

    private static final long POLL_MILLIS = 5;

    private final DaemonOptions options;
    private final Caller caller;
    private final Host host;
    private final PrintStream err;
    private Optional<LiveView> view = Optional.empty();

    Reign(DaemonOptions options, Caller caller, Host host, PrintStream err) {
        this.options = options;
        this.caller = caller;
        this.host = host;
        this.err = err;
    }

    /**
     * @param file the configuration that {@code spec} was read from
     * @param lock of the home
     * @param takesOver whether a predecessor is handing over
     */
    void hold(Path file, Spec spec, FileLock lock, boolean takesOver) throws IOException, InterruptedException {
        Server server = server(file, spec, lock, takesOver);
        if (options.live()) {
            server.found().forEach(sentence -> err.println("bulkhead: " + sentence));
        }
        if (!options.skipped().isEmpty()) {
            server.unchecked(options.skipped());
        }
        server.start();
        if (options.live()) {
            view = Optional.of(LiveView.start(options, caller, () -> TerminalSize.columns(1)));
        }
        while (true) {
            onSignals(server);
            server.await();
            if (server.heir().isEmpty()) {
                break;
            }
            Pidfd heir = server.heir().get();
            server.letGo();
            if (succeeded(server, heir)) {
                view.ifPresent(live -> live.say("process " + heir.pid() + " has taken over"));
                break;
            }
            server = again(server);
        }
        view.ifPresent(LiveView::close);
        server.close();
    }

    private Server server(Path file, Spec spec, FileLock lock, boolean takesOver) throws IOException {
        return new Server(
                options.home(),
                lock,
                file,
                spec,
                host,
                caller.environment(),
                !options.live(),
                options.force(),
                takesOver);
    }

    /** Whether {@code heir} answers at our socket's name; one that neither does nor ends is ended. */
    private static boolean succeeded(Server server, Pidfd heir) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(HEIR_MILLIS);
        while (!server.replaced()) {
            if (heir.ended()) {
                return false;
            }
            if (System.nanoTime() > end) {
                heir.signal(Signals.KILL);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
        return true;
    }

    private Server again(Server former) throws IOException {
        int heir = former.heir().orElseThrow().pid();
        FileLock lock = Predecessor.await(options.home())
                .orElseThrow(() -> new IOException(
                        "process " + heir + " was to take over and has ended, but another has the lock of "
                                + options.home().folder()));
        Server next = server(former.file(), former.inForce(), lock, true);
        former.close();
        next.goesOn(heir);
        next.start();
        return next;
    }

    /** INT and TERM stop everything in order, a second one at once; while systemd restarts our unit the apps go on; HUP ends {@code up}, whose terminal is gone. */
    private void onSignals(Server server) {
        Optional<ServiceUnit> unit = server.unit();
        for (String name : List.of("INT", "TERM")) {
            Signal.handle(new Signal(name), signal -> {
                if (unit.isPresent() && unit.get().restarting()) {
                    server.leaveApps("systemd restarts " + unit.get().name());
                    return;
                }
                view.ifPresent(live -> live.say("stopping everything; press Ctrl-C again to kill what is left"));
                server.shutdown();
            });
        }
        Signal.handle(new Signal("HUP"), signal -> {
            if (options.live()) {
                server.shutdown();
            } else {
                server.applyFile();
            }
        });
    }
}
