package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Origin;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.linux.ProcessStat;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.SpecReader;
import io.bulkhead.story.StateStore;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a former daemon left running, taken over from the kernel's truth: the record in each compartment's folder says what to look
 * for, and nothing is believed of it that the kernel does not confirm (boot, keeper's pid and start time, the keeper's children).
 */
final class Adoption {

    private static final int ENDING_TRIES = 2_000;

    private final Compartments compartments;
    private final CgroupHost cgroups;
    private final AppLogs logs;
    private final LogPump pump;
    private final StateStore state;
    private final Map<String, AppSpec> written;
    private final Sockets sockets;
    private final DaemonLog log;
    /** By parent; looked up once: a look at all processes for each of fifty keepers takes a second. */
    private Map<Integer, List<Integer>> families = Map.of();

    private final List<String> words = new ArrayList<>();

    /** @param written the apps of the configuration that was just read, by name */
    Adoption(
            Compartments compartments,
            CgroupHost cgroups,
            AppLogs logs,
            LogPump pump,
            StateStore state,
            Map<String, AppSpec> written,
            Sockets sockets,
            DaemonLog log) {
        this.compartments = compartments;
        this.cgroups = cgroups;
        this.logs = logs;
        this.pump = pump;
        this.state = state;
        this.written = written;
        this.sockets = sockets;
        this.log = log;
    }

    /** Takes over all that lives, ends what cannot be taken over, and says what was found, one sentence each. */
    List<String> adoptAll(Runs runs, Supervision supervision) {
        families = Proc.HOST.families();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(compartments.folder(), Files::isDirectory)) {
            for (Path folder : folders) {
                adopt(folder, runs, supervision);
            }
        } catch (java.nio.file.NoSuchFileException firstStart) {
            return words;
        } catch (IOException unreadable) {
            say("what a former daemon left cannot be read: " + unreadable.getMessage());
        }
        return words;
    }

    private void adopt(Path folder, Runs runs, Supervision supervision) {
        Optional<RunRecord> read = RunRecord.read(folder);
        Cgroup cgroup = cgroups.reopen(folder.getFileName().toString(), read.flatMap(RunRecord::group));
        if (read.isEmpty() || !read.get().keeper().bootId().equals(ProcessIdentity.currentBoot())) {
            // Before this boot, or before the program was ordered: no program of ours can be in it.
            end(folder, cgroup, "");
            return;
        }
        RunRecord record = read.get();
        Optional<ProcessIdentity> keeper = ProcessIdentity.of(record.keeper().pid());
        boolean keeperLives = keeper.filter(record.keeper()::equals).isPresent()
                && Proc.HOST
                        .stat(record.keeper().pid())
                        .filter(stat -> !stat.zombie())
                        .isPresent();
        if (keeperLives) {
            cgroup.keptBy(record.keeper().pid());
        }
        List<Integer> children =
                keeperLives ? families.getOrDefault(record.keeper().pid(), List.of()) : List.of();
        List<Sockets.Held> held = keeperLives ? takeBackSockets(record) : List.of();
        int program = keeperLives ? program(record, children) : orphan(record, cgroup);
        if (keeperLives && program == 0) {
            // The former daemon's last word may have reached the keeper since.
            children = Proc.HOST.children(record.keeper().pid());
            program = program(record, children);
        }
        if (program == 0) {
            end(folder, cgroup, keeperLives ? "" : record.instance().toString());
            return;
        }
        try {
            takeOver(folder, record, cgroup, program, keeperLives, children, held, runs, supervision);
        } catch (IOException | IllegalArgumentException failed) {
            say(record.instance() + ": cannot be taken over and is ended: " + failed.getMessage());
            end(folder, cgroup, record.instance().toString());
        }
    }

    /** Before anything ends: connections wait at them. */
    private List<Sockets.Held> takeBackSockets(RunRecord record) {
        try (Pidfd keeper = Pidfd.open(record.keeper().pid())) {
            return sockets.takeBack(record.instance().app(), record.sockets(), keeper);
        } catch (ErrnoException gone) {
            return List.of();
        }
    }

    /**
     * The keeper's child that is the program, dead or alive; 0 for none. The others are spares: ended when their daemon did, and waiting where
     * that was a moment ago. A spare that became the program in its daemon's last moment is the program, noted or not.
     */
    private static int program(RunRecord record, List<Integer> children) {
        int program = 0;
        for (int child : children) {
            boolean alive = !isZombie(child) && !Keeper.isSpare(Proc.HOST, child);
            if (alive || child == record.pid() || (record.pid() == 0 && program == 0)) {
                program = child;
            }
            if (alive) {
                break;
            }
        }
        return program;
    }

    /**
     * The program whose keeper has ended too, 0 for none: the leader of a session of its own in the compartment that bears a run's mark. Where a child of it
     * has made itself such a leader, the one that was noted, else the eldest.
     */
    private static int orphan(RunRecord record, Cgroup cgroup) {
        if (!cgroup.enforcedByKernel()) {
            cgroup.begin(record.run());
        }
        int program = 0;
        long since = Long.MAX_VALUE;
        try {
            for (int member : cgroup.members()) {
                Optional<ProcessStat> stat = Proc.HOST.stat(member);
                boolean leads = stat.isPresent()
                        && !stat.get().zombie()
                        && stat.get().session() == member
                        && Proc.HOST.environment(member, "BULKHEAD_RUN").isPresent()
                        && !Keeper.isSpare(Proc.HOST, member);
                if (leads
                        && (member == record.pid()
                                || (program != record.pid() && stat.get().startTicks() < since))) {
                    program = member;
                    since = stat.get().startTicks();
                }
            }
        } catch (IOException unreadable) {
            return 0;
        }
        return program;
    }

    private static boolean isZombie(int pid) {
        return Proc.HOST.stat(pid).filter(ProcessStat::zombie).isPresent();
    }

    /** Its own word where the daemon had no time to note which run it is. */
    private static String runOf(RunRecord record, int program) {
        return record.pid() == program || record.pid() == 0
                ? record.run()
                : Proc.HOST.environment(program, "BULKHEAD_RUN").orElse(record.run());
    }

    private void takeOver(
            Path folder,
            RunRecord record,
            Cgroup cgroup,
            int program,
            boolean keeperLives,
            List<Integer> children,
            List<Sockets.Held> held,
            Runs runs,
            Supervision supervision)
            throws IOException {
        String run = runOf(record, program);
        AppSpec app = app(record);
        if (!cgroup.enforcedByKernel()) {
            cgroup.begin(run);
        }
        // Also lifts the brake on forking that a daemon leaves which dies while it ends a tree.
        cgroup.update(CompartmentMaking.limits(app.limits()));
        Keeper keeper = keeperLives
                ? Keeper.reopen(folder, record.keeper().pid())
                : Keeper.ofEnded(folder, record.keeper().pid());
        List<LogSource> sources = new ArrayList<>();
        sources.add(new LogSource(folder.resolve("out"), logs.outputFile(record.instance(), app)));
        if (app.log().split()) {
            sources.add(new LogSource(folder.resolve("err"), logs.errorFile(record.instance(), app)));
        }
        for (LogSource source : sources) {
            pump.attach(source);
        }
        Compartment compartment = new Compartment(
                record.instance(),
                folder,
                cgroup,
                keeper,
                record.keeper(),
                CompartmentMaking.limits(app.limits()),
                app.limits().pool(),
                held,
                sources);
        compartment.keeperGone = !keeperLives;
        compartments.add(compartment);
        held.forEach(socket -> sockets.know(app.name(), socket));
        List<Integer> spareRemains = new ArrayList<>();
        for (int child : children) {
            if (child != program && (isZombie(child) || Keeper.isSpare(Proc.HOST, child))) {
                spareRemains.add(child);
            }
        }
        compartment.counted(cgroup.marks());
        compartment.killsBefore = record.kills();
        LiveRun adopted = new LiveRun(run, record.instance(), app);
        adopted.adoptedSince = record.startedWallMillis();
        runs.adopt(adopted, compartment, program, spareRemains);
        Origin origin = Optional.ofNullable(state.apps().get(app.name()))
                .map(StateStore.App::origin)
                .orElse(Origin.FILE);
        adopted.restarts = recall(record, run, program, supervision);
        say(record.instance() + ": found running (pid " + program + "), taken over"
                + (keeperLives ? "" : "; its keeper is gone, so how it ends will not be known"));
        supervision.happened(new Event.RunAdopted(
                run,
                record.instance(),
                program,
                record.startedWallMillis(),
                RunRecord.wasReady(folder, run),
                app,
                origin));
        if (runs.socketUse().opensItself(adopted)) {
            supervision.happened(new Event.OpensItself(run));
        }
    }

    /** Mostly the one that was just read: to read fifty sources again was seen to take a third of a second. */
    private AppSpec app(RunRecord record) {
        String name = record.instance().app();
        AppSpec now = written.get(name);
        return now != null && now.source().equals(record.source()) ? now : SpecReader.restore(name, record.source());
    }

    /** How often an instance has been started again its program says itself while it lives, and its record, where the former daemon had no time to remember it. */
    private int recall(RunRecord record, String run, int program, Supervision supervision) {
        InstanceId instance = record.instance();
        int restarts = Proc.HOST
                .environment(program, Launch.RESTARTS)
                .map(text -> Memories.number(text).orElse(-1))
                .orElse(run.equals(record.run()) ? record.restarts() : -1);
        Optional<String> note = Optional.ofNullable(state.instances().get(instance));
        boolean known = note.isPresent() && Memories.knows(note.get(), run);
        if (!known && restarts >= 0) {
            supervision.happened(new Event.InstanceRemembered(instance, Memories.corrected(note, restarts)));
        }
        return Math.max(0, restarts);
    }

    /** Nothing in it can be supervised any more: what lives in it ends, and it is removed. */
    private void end(Path folder, Cgroup cgroup, String instance) {
        try {
            List<Integer> left = cgroup.members();
            if (!left.isEmpty() && !instance.isEmpty()) {
                say(instance + ": keeper and program of a former daemon are gone, processes " + left
                        + " that they left are ended");
            } else if (!instance.isEmpty()) {
                say(
                        instance
                                + ": keeper and program of a former daemon are gone, what is left of their compartment is removed");
            }
            for (int i = 0; i < ENDING_TRIES && !cgroup.endAllStep(0); i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            compartments.removal.removeLeftover(folder, cgroup);
        } catch (IOException failed) {
            say(folder.getFileName() + ": cannot be cleared away: " + failed.getMessage());
        }
    }

    private void say(String sentence) {
        words.add(sentence);
        log.info(sentence);
    }
}
