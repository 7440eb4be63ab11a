package io.bulkhead.host;

import io.bulkhead.api.HttpLimits;
import io.bulkhead.api.HttpServer;
import io.bulkhead.api.Routes;
import io.bulkhead.core.Event;
import io.bulkhead.core.Finding;
import io.bulkhead.core.InstanceState;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Supervisor;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.FileLock;
import io.bulkhead.linux.HostPressure;
import io.bulkhead.linux.Orphans;
import io.bulkhead.linux.OwnMemory;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.History;
import io.bulkhead.story.StateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** The daemon, put together: one home, one loop, one control socket. */
public final class Server implements AutoCloseable {

    private static final long PID1_REAP_MILLIS = 1_000;

    /** After the start everybody has begun to wait for something. */
    private static final long SETTLED_MILLIS = 3_000;

    private final Home home;
    private final FileLock lock;
    private final DaemonLog log;
    private final Loop loop;
    private final Worker worker;
    private final LogPump pump;
    private final History history;
    private final CgroupHost cgroups;
    private final Compartments compartments;
    private final Runs runs;
    private final KernelWitness witness;
    private final ChildWatch children;
    private final Hooks hooks;
    private final Supervision supervision;
    private final MemoryWatch memory;
    private final Chronicle chronicle;
    private final MemoryLedger ledger;
    private final Peaks peaks;
    private final Applying applying;
    private final ExternalWatch externals;
    private final HttpServer http;
    private final BootReport boot;
    private final Thread thread = Thread.ofPlatform().name("loop").unstarted(this::serve);
    private int shutdowns;

    /**
     * Takes the home, takes over what a former daemon left, and opens the control socket. {@link #start} then starts the apps.
     *
     * @param lock the home's, held for life
     * @param file the configuration that {@code spec} was read from
     * @param environment the daemon's own
     * @param chatty whether its own log goes to stderr too
     * @param forced whether the person who starts it has overridden what speaks against that
     */
    public Server(
            Home home,
            FileLock lock,
            Path file,
            Spec spec,
            Host host,
            Map<String, String> environment,
            boolean chatty,
            boolean forced)
            throws IOException {
        this.home = home;
        this.lock = lock;
        log = new DaemonLog(home.log().resolve("bulkhead.log"), chatty);
        loop = new Loop(log);
        worker = new Worker("worker", log);
        history = History.open(home.state(), System::currentTimeMillis);
        StateStore state = new StateStore(home.state());
        peaks = new Peaks(state, log);
        pump = new LogPump(trouble -> loop.post(() -> told(trouble)));
        pump.start();
        cgroups = cgroups(home);
        AppLogs logs = new AppLogs(home.log(), pump);
        compartments = new Compartments(home.run(), cgroups, pump, logs, log);
        LogTails tails = new LogTails(pump, log);
        witness = new KernelWitness(cgroups, Doctor.compartmentsOf(home));
        Autopsy autopsy = new Autopsy(tails, witness, compartments);
        chronicle = new Chronicle(history, state, peaks, autopsy, log);
        NodeLaunch node = new NodeLaunch(Optional.of(home.run()));
        NodeProcesses nodes = new NodeProcesses(compartments, node);
        Launch launch = new Launch(home.socket(), this::inheritEnvironment, environment, node);
        Sockets sockets = new Sockets(log);
        children = new ChildWatch(loop, cgroups, witness, log, event -> happened(event));
        OrphanGuard guard = new OrphanGuard(loop, log, chronicle, this::inForce);
        runs = new Runs(
                loop,
                worker,
                guard,
                launch,
                compartments,
                sockets,
                witness,
                children,
                tails,
                autopsy,
                log,
                event -> happened(event));
        hooks = new Hooks(loop, worker, launch, compartments, tails, chronicle, log);
        String prefix = Long.toString(System.currentTimeMillis(), 36) + "-";
        Supervisor supervisor = new Supervisor(prefix, new Random(), state.holds());
        DrainPreparation drains = new DrainPreparation(
                loop, runs, new LeakProfile(loop, nodes, chronicle), log, event -> happened(event));
        supervision = new Supervision(loop, supervisor, runs, drains, hooks, chronicle, this::finished);
        Reserve reserve = new Reserve(cgroups, log);
        ledger = new MemoryLedger(compartments);
        externals = new ExternalWatch(loop, log, chronicle, guard, event -> happened(event));
        applying =
                new Applying(loop, worker, supervision, chronicle, ledger, reserve, externals, home, host, file, spec);
        memory = new MemoryWatch(loop, runs, peaks, log, event -> happened(event));
        List<String> found = new ArrayList<>(
                new Adoption(compartments, cgroups, logs, pump, state, sockets, log).adoptAll(runs, supervision));
        reserve.putInForce(spec);
        found.addAll(state.problems());
        history.problem().ifPresent(found::add);
        Doctor doctor = new Doctor(cgroups, history, home);
        List<String> shortcomings = doctor.shortcomings();
        found.addAll(shortcomings);
        List<Finding> overBudget =
                ledger.budget(spec.apps().values(), spec).findings(spec.server().refuseOverBudget());
        for (Finding finding : overBudget) {
            found.add(finding.sentence());
            finding.evidence().forEach(line -> found.add("  " + line));
        }
        boot = new BootReport(found);
        shortcomings.forEach(log::warn);
        HostControl control = new HostControl(
                loop,
                supervision,
                runs,
                nodes,
                logs,
                log,
                ledger,
                peaks,
                applying,
                chronicle,
                history,
                doctor,
                boot,
                new HostSurroundings(loop, supervision, runs, applying),
                this::leaveApps);
        http = HttpServer.start(home.socket(), new Routes(control), HttpLimits.DEFAULT);
        if (!HostPressure.spareThisProcess()) {
            log.info("the kernel may choose the daemon too when the host runs out of memory: no CAP_SYS_RESOURCE");
        }
        loop.post(() -> {
            chronicle.overBudget(overBudget, forced ? "whoever started the daemon" : "");
            begin(spec);
        });
    }

    /** What was found at the start, one sentence each. */
    public List<String> found() {
        return List.copyOf(boot.found());
    }

    /** Begins to serve, on a thread of its own. */
    public void start() {
        thread.start();
    }

    /** Returns when everything has ended after a wish to shut down. */
    public void await() throws InterruptedException {
        thread.join();
    }

    private void serve() {
        try {
            loop.run();
        } catch (IOException broken) {
            log.bug(broken);
        }
    }

    /** Stops everything in order; asked a second time, kills what is left. From any thread. */
    public void shutdown() {
        loop.post(() -> {
            if (++shutdowns == 1) {
                supervision.wish(new Event.ShutdownWish(), false);
            } else {
                runs.killAll();
            }
        });
    }

    /** Ends and leaves every app running, for the daemon that comes next. From any thread. */
    public void handOver(String why) {
        log.info(why + ": the apps go on");
        loop.post(loop::end);
    }

    /** Makes the apps equal to the file again, as after SIGHUP. From any thread. */
    public void applyFile() {
        loop.post(() -> applying.applyQuietly(log));
    }

    /** As PID 1 of a container the daemon inherits every orphan: those that are no keeper's child are reaped here. */
    public void reapOrphans() {
        Set<Integer> keepers = runs.keepers();
        keepers.addAll(hooks.keepers());
        Orphans.reap(keepers::contains);
        loop.after(PID1_REAP_MILLIS, this::reapOrphans);
    }

    private void begin(Spec spec) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("version", io.bulkhead.api.Version.TEXT);
        fields.put("pid", ProcessHandle.current().pid());
        chronicle.tellDaemon("daemon.started", fields);
        HostWatch host = new HostWatch(loop, () -> applying.inForce().server().reserve(), memory::uses, this::happened);
        memory.start(host);
        host.start();
        if (Orphans.areOurs()) {
            reapOrphans();
        }
        applying.tellRoom(spec.apps().values());
        externals.expect(spec);
        supervision
                .wish(new Event.ApplyWish(spec, Origin.FILE, Optional.empty()), true)
                .thenAccept(outcome -> {
                    boot.done(outcome);
                    runs.closeSocketsUnless(this::mayRun);
                    loop.after(SETTLED_MILLIS, () -> worker.execute(Server::settle));
                });
    }

    private boolean mayRun(String app) {
        return supervision.supervisor().app(app).stream()
                .flatMap(view -> view.instances().stream())
                .anyMatch(instance ->
                        instance.state() != InstanceState.STOPPED && instance.state() != InstanceState.COMPLETED);
    }

    /** What only the start needed goes back to the system: nothing else collects it for hours. */
    private static void settle() {
        System.gc();
        OwnMemory.giveBack();
    }

    private CgroupHost cgroups(Home home) {
        CgroupHost detected = CgroupHost.detect(Doctor.compartmentsOf(home));
        try {
            detected.prepare();
            return detected;
        } catch (IOException refused) {
            log.warn("no control groups: " + refused.getMessage());
            return CgroupHost.none("the kernel refused: " + refused.getMessage());
        }
    }

    private Spec inForce() {
        return applying.inForce();
    }

    private boolean inheritEnvironment() {
        return applying.inForce().server().inheritEnvironment();
    }

    private void happened(Event event) {
        if (event instanceof Event.RunStarted started) {
            memory.begun(started.run());
        }
        supervision.happened(event);
    }

    private void told(LogTrouble trouble) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("phase", trouble.phase().name().toLowerCase(java.util.Locale.ROOT));
        fields.put("file", trouble.file().toString());
        fields.put("dropped_bytes", trouble.droppedBytes());
        fields.put("reason", trouble.reason());
        chronicle.tellDaemon("log.trouble", fields);
        log.warn("log " + trouble.file() + ": " + trouble.reason() + " (" + trouble.droppedBytes() + " bytes dropped)");
    }

    private void finished() {
        // The answer to whoever asked goes out first.
        hooks.endAll(() -> loop.after(50, loop::end));
    }

    private void leaveApps() {
        loop.after(50, loop::end);
    }

    /** Lets go of everything, after {@link #await}; what runs goes on. */
    @Override
    public void close() throws IOException {
        peaks.saveAll();
        worker.close();
        pump.close();
        history.close();
        try {
            cgroups.remove();
        } catch (IOException stillUsed) {
            log.info("control groups stay: " + stillUsed.getMessage());
        }
        children.close();
        externals.close();
        witness.close();
        loop.close();
        // The socket's end says that everything is on disk: `shutdown` waits for it.
        http.close();
        lock.close();
    }
}
