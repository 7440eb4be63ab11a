package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.CompartmentLimits;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.spec.AppSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** All compartments there are, each in a folder {@code run/c/APP-INDEX-N} of its own, and who lives in them. */
final class Compartments {

    final CompartmentMaking making;
    final CompartmentRemoval removal;

    private final Path folder;
    private final AppLogs logs;
    private final DaemonLog log;

    /** Changed by the loop alone, read by the api too. */
    private final CopyOnWriteArrayList<Compartment> all = new CopyOnWriteArrayList<>();

    Compartments(Path runFolder, CgroupHost cgroups, LogPump pump, AppLogs logs, DaemonLog log) {
        this.folder = runFolder.resolve("c");
        this.logs = logs;
        this.log = log;
        removal = new CompartmentRemoval(cgroups, pump, log);
        making = new CompartmentMaking(folder, cgroups, removal, pump, logs, log);
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

    /** Puts the limits and the log settings of {@code app} in force in a compartment that exists. On the worker. */
    Compartment adjust(Compartment compartment, AppSpec app) throws LaunchRefused {
        CompartmentLimits wanted = CompartmentMaking.limits(app.limits());
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

    /** Lets go of everything that lives on, after the loop has ended. A spare sees that, and ends. */
    void letGo() {
        for (Compartment compartment : all) {
            compartment.run.flatMap(run -> run.program).ifPresent(Pidfd::close);
            compartment.spare.flatMap(spare -> spare.process).ifPresent(Pidfd::close);
            compartment.keeper.close();
        }
        all.clear();
    }

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
}
