package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.CompartmentLimits;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Fifo;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes compartments: a folder, a control group, pipes for the output, and a keeper in it. Runs on the worker. */
final class CompartmentMaking {

    /** 64 KiB are the kernel's pipe; what a program writes while no daemon lives waits there. */
    private static final int FIFO_MODE = 0600;

    /** Enough for a shell with curl or mail, and for a small Node. */
    private static final long LEAST_HOOK_MEMORY = 128L << 20;

    private static final int MOST_HOOK_PROCESSES = 200;

    private final Path folder;
    private final CgroupHost cgroups;
    private final CompartmentRemoval removal;
    private final LogPump pump;
    private final AppLogs logs;
    private final DaemonLog log;

    /** @param folder where each gets one of its own */
    CompartmentMaking(
            Path folder, CgroupHost cgroups, CompartmentRemoval removal, LogPump pump, AppLogs logs, DaemonLog log) {
        this.folder = folder;
        this.cgroups = cgroups;
        this.removal = removal;
        this.pump = pump;
        this.logs = logs;
        this.log = log;
    }

    /**
     * A new compartment with a living keeper, which holds {@code sockets}.
     *
     * @param kin compartments of the same app: the keeper of one of them gives those that this daemon does not have
     */
    Compartment make(
            InstanceId instance,
            AppSpec app,
            Launch.Prepared prepared,
            List<Sockets.Held> sockets,
            List<Compartment> kin)
            throws LaunchRefused {
        return make(
                instance,
                app,
                prepared,
                new Inheritance(sockets, kin),
                limits(app.limits()),
                app.limits().pool(),
                "");
    }

    /**
     * One beside that of {@code app}, for one of its hooks, so that it can run where the app's own memory is used up. It may take as much as the
     * app, and never so little that a small tool cannot run; its output goes into the app's log.
     *
     * @param mark what its lines begin with there
     */
    Compartment makeForHook(InstanceId instance, AppSpec app, Launch.Prepared prepared, String mark)
            throws LaunchRefused {
        CompartmentLimits own = limits(app.limits());
        OptionalLong memory = own.memory().isPresent()
                ? OptionalLong.of(Math.max(LEAST_HOOK_MEMORY, own.memory().getAsLong()))
                : own.memory();
        CompartmentLimits limits =
                new CompartmentLimits(memory, own.swap(), OptionalInt.of(MOST_HOOK_PROCESSES), own.cpu());
        Inheritance nothing = new Inheritance(List.of(), List.of());
        return make(instance, app, prepared, nothing, limits, Optional.empty(), mark);
    }

    private Compartment make(
            InstanceId instance,
            AppSpec app,
            Launch.Prepared prepared,
            Inheritance inheritance,
            CompartmentLimits limits,
            Optional<String> pool,
            String mark)
            throws LaunchRefused {
        Optional<Path> made = Optional.empty();
        Optional<Cgroup> group = Optional.empty();
        try {
            Path place = newFolder(instance);
            made = Optional.of(place);
            List<String> cannot = new ArrayList<>();
            Cgroup cgroup = cgroups.create(place.getFileName().toString(), pool, limits, cannot);
            cannot.forEach(lost -> log.warn(instance + ": " + lost));
            group = Optional.of(cgroup);
            Compartment compartment = furnish(instance, app, prepared, inheritance, place, cgroup, limits, pool, mark);
            compartment.counted(cgroup.marks()); // the pool's counters tell of its other members too
            return compartment;
        } catch (IOException failed) {
            group.ifPresent(removal::destroy);
            made.ifPresent(removal::deleteFolder);
            throw new LaunchRefused(
                    new Refusal("compartment", "compartment: " + failed.getMessage(), "see: bulkhead doctor"));
        }
    }

    private Compartment furnish(
            InstanceId instance,
            AppSpec app,
            Launch.Prepared prepared,
            Inheritance inheritance,
            Path place,
            Cgroup cgroup,
            CompartmentLimits limits,
            Optional<String> pool,
            String mark)
            throws IOException {
        boolean split = app.log().split() && mark.isEmpty();
        Path stdout = fifo(place.resolve("out"), prepared);
        Path stderr = split ? fifo(place.resolve("err"), prepared) : stdout;
        List<LogSource> sources = new ArrayList<>();
        sources.add(new LogSource(stdout, logs.outputFile(instance, app), mark));
        if (split) {
            sources.add(new LogSource(stderr, logs.errorFile(instance, app)));
        }
        Keeper keeper = inheritance.keeper(place, stdout, stderr, cgroup.joins());
        cgroup.keptBy(keeper.pid());
        for (LogSource source : sources) {
            pump.attach(source);
        }
        ProcessIdentity identity = ProcessIdentity.of(keeper.pid())
                .orElseThrow(() -> new IOException("the keeper " + keeper.pid() + " ended at once"));
        return new Compartment(instance, place, cgroup, keeper, identity, limits, pool, inheritance.sockets(), sources);
    }

    private Path newFolder(InstanceId instance) throws IOException {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));
        Files.createDirectories(folder, ownerOnly);
        for (int n = 0; ; n++) {
            Path place = folder.resolve(instance.app() + "-" + instance.index() + "-" + n);
            try {
                return Files.createDirectory(place, ownerOnly);
            } catch (java.nio.file.FileAlreadyExistsException taken) {
                if (n > 1_000_000) {
                    throw taken;
                }
            }
        }
    }

    /** A pipe owned by root makes {@code > /dev/stdout} fail for the app's user: it is given to that user. */
    private static Path fifo(Path path, Launch.Prepared prepared) throws ErrnoException {
        Fifo.create(path, FIFO_MODE);
        if (prepared.file().identity().isPresent()) {
            var who = prepared.file().identity().get();
            Fifo.give(path, who.uid(), who.gid());
        }
        return path;
    }

    static CompartmentLimits limits(Limits limits) {
        return new CompartmentLimits(
                limits.memory().map(OptionalLong::of).orElseGet(OptionalLong::empty),
                limits.memorySwap(),
                limits.memoryMin(),
                limits.pids(),
                limits.cpu().map(OptionalDouble::of).orElseGet(OptionalDouble::empty));
    }
}
