package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.CompartmentLimits;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Fifo;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.MemoryEvents;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Makes, changes and dissolves compartments, each in a folder {@code run/c/APP-INDEX-N} of its own. */
final class Compartments {

    /** 64 KiB are the kernel's pipe; what a program writes while no daemon lives waits there. */
    private static final int FIFO_MODE = 0600;

    private static final int DESTROY_TRIES = 500;

    /** Enough for a shell with curl or mail, and for a small Node. */
    private static final long LEAST_HOOK_MEMORY = 128L << 20;

    private static final int MOST_HOOK_PROCESSES = 200;

    private final Path folder;
    private final CgroupHost cgroups;
    private final LogPump pump;
    private final AppLogs logs;
    private final DaemonLog log;

    /** Changed by the loop alone, read by the api too. */
    private final CopyOnWriteArrayList<Compartment> all = new CopyOnWriteArrayList<>();

    Compartments(Path runFolder, CgroupHost cgroups, LogPump pump, AppLogs logs, DaemonLog log) {
        this.folder = runFolder.resolve("c");
        this.cgroups = cgroups;
        this.pump = pump;
        this.logs = logs;
        this.log = log;
    }

    Path folder() {
        return folder;
    }

    /** Whether a former daemon has left a compartment in {@code runFolder}, with or without anything that lives. */
    static boolean anyLeft(Path runFolder) {
        try (Stream<Path> left = Files.list(runFolder.resolve("c"))) {
            return left.findAny().isPresent();
        } catch (IOException none) {
            return false;
        }
    }

    List<Compartment> all() {
        return all;
    }

    /** One that the next run of {@code instance} can live in. */
    Optional<Compartment> free(InstanceId instance, Optional<String> pool) {
        for (Compartment compartment : all) {
            if (compartment.takes(instance, pool)) {
                return Optional.of(compartment);
            }
        }
        return Optional.empty();
    }

    /** Processes of all compartments of {@code app}, keepers among them. From any thread. */
    Set<Integer> processesOf(String app) {
        Set<Integer> pids = new HashSet<>();
        for (Compartment compartment : of(app)) {
            try {
                pids.addAll(compartment.cgroup.members());
            } catch (IOException gone) {
                log.info(compartment.instance + ": " + gone.getMessage());
            }
        }
        return pids;
    }

    List<Compartment> of(String app) {
        List<Compartment> found = new ArrayList<>();
        for (Compartment compartment : all) {
            if (compartment.instance.app().equals(app)) {
                found.add(compartment);
            }
        }
        return found;
    }

    List<Compartment> emptyOf(InstanceId instance) {
        List<Compartment> empty = new ArrayList<>();
        for (Compartment compartment : all) {
            if (compartment.run.isEmpty() && compartment.instance.equals(instance)) {
                empty.add(compartment);
            }
        }
        return empty;
    }

    /** The compartment in which the last run of {@code instance} lived. */
    Optional<Compartment> lastOf(InstanceId instance) {
        Optional<Compartment> last = Optional.empty();
        for (Compartment compartment : all) {
            if (compartment.instance.equals(instance)) {
                last = Optional.of(compartment);
            }
        }
        return last;
    }

    void add(Compartment compartment) {
        all.add(compartment);
    }

    void remove(Compartment compartment) {
        all.remove(compartment);
    }

    // On the worker.

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
            group.ifPresent(this::destroy);
            made.ifPresent(this::deleteFolder);
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

    /** Puts the limits and the log settings of {@code app} in force in a compartment that exists. */
    Compartment adjust(Compartment compartment, AppSpec app) throws LaunchRefused {
        CompartmentLimits wanted = limits(app.limits());
        try {
            if (!wanted.equals(compartment.limits)) {
                for (String lost : compartment.cgroup.update(wanted)) {
                    log.warn(compartment.instance + ": " + lost);
                }
                compartment.limits = wanted;
            }
        } catch (IOException failed) {
            throw new LaunchRefused(new Refusal(
                    "compartment", "memory: " + failed.getMessage(), "raise the limit, or restart the app first"));
        }
        logs.outputFile(compartment.instance, app);
        return compartment;
    }

    /** Its output goes where {@code app} has it from now on. */
    void redirectLogs(Compartment compartment, AppSpec app) {
        try {
            logs.redirect(compartment, app);
        } catch (IOException failed) {
            log.warn(compartment.instance + ": its log stays where it was: " + failed.getMessage());
        }
    }

    /** Notes what is about to run in it, so that a later daemon can take it over. */
    void record(Compartment compartment, LiveRun run) throws LaunchRefused {
        try {
            note(compartment, run, 0);
        } catch (IOException failed) {
            throw new LaunchRefused(new Refusal("compartment", "cannot note the run: " + failed.getMessage(), ""));
        }
    }

    /** Notes a run that has begun already. */
    void recordBegun(Compartment compartment, LiveRun run) {
        try {
            note(compartment, run, run.pid);
        } catch (IOException failed) {
            log.warn(run.instance + ": cannot note its run: " + failed.getMessage());
        }
    }

    private static void note(Compartment compartment, LiveRun run, int pid) throws IOException {
        compartment.cgroup.begin(run.id);
        if (!compartment.recorded.equals(run.app.source())) {
            RunRecord.writeCompartment(compartment, run.app);
            compartment.recorded = run.app.source();
        }
        RunRecord.writeRun(compartment.folder, run.id, pid, compartment.killsBefore, run.restarts);
    }

    void recordPid(LiveRun run, int pid) {
        run.compartment.ifPresent(compartment -> {
            try {
                RunRecord.writeRun(compartment.folder, run.id, pid, compartment.killsBefore, run.restarts);
            } catch (IOException failed) {
                log.warn(run.instance + ": cannot note its process: " + failed.getMessage());
            }
        });
    }

    /** Ends the keeper and removes everything; nothing else lives in it any more. */
    void dissolve(Compartment compartment) {
        try {
            if (!compartment.keeperGone) {
                compartment.keeper.quit();
            }
            for (LogSource source : compartment.logs) {
                pump.detach(source, () -> {});
            }
        } catch (IOException failed) {
            log.warn(compartment.instance + ": " + failed.getMessage());
        }
        awaitKeeper(compartment);
        compartment.killNotice.ifPresent(MemoryEvents.Watch::close);
        compartment.markNotice.close();
        compartment.keeper.close();
        destroy(compartment.cgroup);
        deleteFolder(compartment.folder);
    }

    /** Lets go of everything that lives on, after the loop has ended. A spare sees that, and ends. */
    void letGo() {
        for (Compartment compartment : all) {
            compartment.run.flatMap(run -> run.program).ifPresent(Pidfd::close);
            compartment.spare.flatMap(spare -> spare.process).ifPresent(Pidfd::close);
            compartment.keeper.close();
        }
        all.clear();
    }

    private void awaitKeeper(Compartment compartment) {
        try {
            for (int i = 0; i < DESTROY_TRIES && !compartment.keeper.process().ended(); i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            if (!compartment.keeperGone) {
                compartment.keeper.process().reap();
            }
        } catch (ErrnoException notOurChild) {
            log.info(compartment.instance + ": its keeper was another daemon's child");
        }
    }

    private void destroy(Cgroup cgroup) {
        try {
            for (int i = 0; i < DESTROY_TRIES; i++) {
                if (cgroup.destroyStep()) {
                    cgroups.removeEmptyPools();
                    return;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            log.warn("the control group " + cgroup.name() + " is still in use and stays behind");
        } catch (IOException failed) {
            log.warn("the control group " + cgroup.name() + " cannot be removed: " + failed.getMessage());
        }
    }

    /** Removes what a former daemon left, when nothing lives in it any more. */
    void removeLeftover(Path place, Cgroup cgroup) {
        destroy(cgroup);
        deleteFolder(place);
    }

    private void deleteFolder(Path place) {
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failed) {
            log.warn(place + " cannot be removed: " + failed.getMessage());
        }
    }

    // On the loop.

    /** Where somebody has moved its processes away and removed its control group, they are found and sampled without one. */
    void lookForGroup(Compartment compartment) {
        if (compartment.groupGone || !compartment.vanished()) {
            return;
        }
        compartment.groupGone = true;
        Cgroup without =
                CgroupHost.none("its control group was removed").reopen(compartment.cgroup.name(), Optional.empty());
        if (!compartment.keeperGone) {
            without.keptBy(compartment.keeper.pid());
        }
        compartment.run.ifPresent(run -> without.begin(run.id));
        try {
            without.update(compartment.limits);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        compartment.cgroup = without;
        log.warn(compartment.instance
                + ": somebody has removed its control group; until its next start its memory is sampled,"
                + " not enforced by the kernel: bulkhead restart " + compartment.instance.app());
    }

    /** Living processes of the compartment but for its keeper and its spare. */
    List<Integer> members(Compartment compartment) {
        try {
            List<Integer> members = new ArrayList<>(compartment.cgroup.members());
            if (!compartment.keeperGone) {
                members.remove((Integer) compartment.keeper.pid());
            }
            compartment.spare.ifPresent(spare -> members.remove((Integer) spare.pid()));
            return members;
        } catch (IOException failed) {
            log.warn(compartment.instance + ": its processes cannot be listed: " + failed.getMessage());
            return new ArrayList<>();
        }
    }

    /** The same for a run's compartment, without its program once that has ended. */
    List<Integer> members(LiveRun run) {
        List<Integer> members = members(run.home());
        if (run.phase == LiveRun.Phase.ENDING) {
            members.remove((Integer) run.pid);
        }
        return members;
    }

    /** Kills what is left but for keeper and spare; true when nothing is. */
    boolean endStep(Compartment compartment) {
        try {
            return compartment.cgroup.endAllStep(
                    compartment.keeperGone ? 0 : compartment.keeper.pid(),
                    compartment.spare.map(Spare::pid).orElse(0));
        } catch (IOException failed) {
            log.warn(compartment.instance + ": its processes cannot be ended: " + failed.getMessage());
            return members(compartment).isEmpty();
        }
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
