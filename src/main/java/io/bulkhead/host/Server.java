package io.bulkhead.host;

import io.bulkhead.api.HttpLimits;
import io.bulkhead.api.HttpServer;
import io.bulkhead.api.Routes;
import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceState;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Outcome;
import io.bulkhead.core.Supervisor;
import io.bulkhead.core.Tale;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.FileLock;
import io.bulkhead.linux.HostPressure;
import io.bulkhead.linux.Orphans;
import io.bulkhead.linux.OwnMemory;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.ServiceNotice;
import io.bulkhead.linux.ServiceUnit;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
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
import java.util.concurrent.CompletableFuture;

/** The daemon, put together: one home, one loop, one control socket. */
public final class Server implements AutoCloseable {

    private static final long PID1_REAP_MILLIS = 1_000;

    /** After the start everybody has begun to wait for something. */
    private static final long SETTLED_MILLIS = 3_000;

    private static final long TRIM_MILLIS = 60_000;

    /** Longer than a slow disk needs for a few small files. */
    private static final long REMEMBERING_MILLIS = 5_000;

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
    private final MemoryNotices notices;
    private final Errands errands;
    private final RunWatch watch;
    private final Supervision supervision;
    private final MemoryWatch memory;
    private final Chronicle chronicle;
    private final MemoryLedger ledger;
    private final Peaks peaks;
    private final Applying applying;
    private final Lookout lookout;
    private final ExternalWatch externals;
    private final TunnelLeases leases;
    private final ConnectionWatch connections;
    private final Unreachable unreachable;
    private final HttpServer http;
    private final BootReport boot;
    private final StateStore state;
    private final ServiceReports reports;
    private final Leaving leaving;
    private final Optional<ServiceUnit> unit;
    private final boolean takesOver;
    private boolean letGo;
    private final Thread thread = Thread.ofPlatform().name("loop").unstarted(this::serve);

    /**
     * Takes the home, takes over what a former daemon left, and opens the control socket. {@link #start} then starts the apps.
     *
     * @param lock the home's, held for life
     * @param file the configuration that {@code spec} was read from
     * @param environment the daemon's own
     * @param chatty whether its own log goes to stderr too
     * @param forced whether the person who starts it has overridden what speaks against that
     * @param takesOver whether another daemon is just handing over to this one
     */
    public Server(
            Home home,
            FileLock lock,
            Path file,
            Spec spec,
            Host host,
            Map<String, String> environment,
            boolean chatty,
            boolean forced,
            boolean takesOver)
            throws IOException {
        this.home = home;
        this.lock = lock;
        this.takesOver = takesOver;
        unit = ServiceUnit.ours(environment);
        log = new DaemonLog(home.log().resolve("bulkhead.log"), chatty);
        loop = new Loop(log);
        worker = new Worker("worker", log);
        history = History.open(home.state(), System::currentTimeMillis);
        state = new StateStore(home.state());
        peaks = new Peaks(state, log);
        pump = new LogPump(trouble -> loop.post(() -> told(trouble)));
        pump.start();
        cgroups = cgroups(home);
        AppLogs logs = new AppLogs(home.log(), pump);
        compartments = new Compartments(home.run(), cgroups, pump, logs, log);
        LogTails tails = new LogTails(pump, log);
        witness = new KernelWitness(cgroups, Doctor.compartmentsOf(home));
        Autopsy autopsy = new Autopsy(tails, witness, compartments, peaks);
        chronicle = new Chronicle(history, state, peaks, autopsy, log, this::inForce);
        NodeLaunch node = new NodeLaunch(Optional.of(home.run()));
        NodeProcesses nodes = new NodeProcesses(compartments, node);
        NotifySockets notify = new NotifySockets(loop, worker, home.run(), compartments, log, event -> happened(event));
        TunnelFiles tunnelFiles = new TunnelFiles(home.state());
        Launch launch = new Launch(
                home.socket(),
                this::inheritEnvironment,
                environment,
                node,
                Optional.of(notify),
                Optional.of(tunnelFiles));
        Sockets sockets = new Sockets(log);
        notices = new MemoryNotices(loop, cgroups, log);
        ChildWatch children = new ChildWatch(loop, notices, witness, event -> happened(event));
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
                task -> chronicle.remembered().thenRun(() -> loop.post(task)),
                event -> happened(event));
        errands = new Errands(loop, worker, launch, compartments, tails, log);
        Hooks hooks = new Hooks(errands, chronicle, log, event -> happened(event));
        watch = new RunWatch(
                loop, worker, compartments, nodes, notify, errands, chronicle, log, event -> happened(event));
        String prefix = Long.toString(System.currentTimeMillis(), 36) + "-";
        Supervisor supervisor = new Supervisor(prefix, new Random(), state.holds());
        DrainPreparation drains = new DrainPreparation(
                loop, runs, new LeakProfile(loop, nodes, chronicle), log, event -> happened(event));
        UnhealthyRecord unhealthy =
                new UnhealthyRecord(loop, runs, compartments, nodes, chronicle, event -> happened(event));
        FailedRuns failed = new FailedRuns(runs, autopsy, tails);
        supervision = new Supervision(
                loop, supervisor, runs, drains, hooks, watch, unhealthy, failed, chronicle, this::finished);
        Reserve reserve = new Reserve(cgroups, log);
        ledger = new MemoryLedger(compartments);
        TunnelTerminals terminals = new TunnelTerminals(loop, supervision, chronicle);
        leases = new TunnelLeases(loop, worker, supervision, chronicle, terminals);
        lookout = new Lookout(loop, log);
        externals = new ExternalWatch(lookout, log, chronicle, guard, event -> happened(event));
        lookout.add(externals);
        lookout.add(new PortWatch(runs, supervision, this::inForce, chronicle, log));
        GuardChild child = GuardChild.packaged();
        Services services = new Services(child);
        KnownServers servers = new KnownServers(chronicle, log, state.notes(StateStore.Note.SERVER));
        connections = new ConnectionWatch(loop, log, runs, compartments, services, servers, chronicle, spec);
        externals.alsoTell(connections);
        LookFirst looks = new LookFirst(loop, runs, child, chronicle, log, environment, servers, connections);
        applying = new Applying(
                loop,
                worker,
                supervision,
                chronicle,
                ledger,
                reserve,
                externals,
                looks,
                leases,
                home,
                host,
                file,
                spec);
        EnvDrift drift = new EnvDrift(supervision, runs, nodes, applying, chronicle);
        FdWatch descriptors = new FdWatch(runs, chronicle);
        unreachable = new Unreachable(loop, runs, tails, this::inForce, chronicle);
        lookout.add(drift);
        lookout.add(descriptors);
        lookout.add(unreachable);
        memory = new MemoryWatch(
                loop, runs, peaks, new MarkNotices(loop, worker, notices), log, event -> happened(event));
        recall();
        List<String> found =
                new ArrayList<>(new Adoption(compartments, cgroups, logs, pump, state, spec.apps(), sockets, log)
                        .adoptAll(runs, supervision));
        reserve.putInForce(spec);
        found.addAll(state.problems());
        history.problem().ifPresent(found::add);
        Doctor doctor = new Doctor(cgroups, history, home);
        List<String> shortcomings = doctor.shortcomings();
        found.addAll(shortcomings);
        Spec scripts = Scripts.remembered(state, spec, found);
        List<AppSpec> all = new ArrayList<>(spec.apps().values());
        all.addAll(scripts.apps().values());
        List<Finding> overBudget =
                ledger.budget(all, spec).findings(spec.server().refuseOverBudget());
        for (Finding finding : overBudget) {
            found.add(finding.sentence());
            finding.evidence().forEach(line -> found.add("  " + line));
        }
        boot = new BootReport(found);
        shortcomings.forEach(log::warn);
        reports = new ServiceReports(
                loop,
                ServiceNotice.of(environment),
                () -> supervision.supervisor().apps());
        leaving = new Leaving(loop, supervision, runs, reports, unit, chronicle, log, this::handOver);
        HostControl control = new HostControl(
                loop,
                supervision,
                runs,
                new Verbs(
                        loop,
                        supervision,
                        runs,
                        failed,
                        applying,
                        looks,
                        new Scripts(loop, supervision, applying, looks, chronicle, host),
                        chronicle,
                        leaving),
                nodes,
                logs,
                log,
                ledger,
                peaks,
                applying,
                history,
                doctor,
                boot,
                drift,
                descriptors,
                new HostSurroundings(loop, supervision, runs, nodes, applying, services, connections),
                new HostTunnels(loop, supervision, runs, applying, chronicle, tunnelFiles, terminals, leases));
        Routes routes = new Routes(control);
        http = takesOver
                ? HttpServer.takeOver(home.socket(), routes, HttpLimits.DEFAULT)
                : HttpServer.start(home.socket(), routes, HttpLimits.DEFAULT);
        if (!HostPressure.spareThisProcess()) {
            log.info("the kernel may choose the daemon too when the host runs out of memory: no CAP_SYS_RESOURCE");
        }
        loop.post(() -> {
            chronicle.overBudget(overBudget, forced ? "whoever started the daemon" : "");
            begin(spec, scripts);
        });
    }

    /** Tells core what a former daemon wanted remembered. */
    private void recall() {
        state.instances()
                .forEach((instance, note) -> Memories.instance(note)
                        .ifPresent(memory -> happened(new Event.InstanceRemembered(instance, memory))));
        state.notes(StateStore.Note.ROLL)
                .forEach((app, note) ->
                        Memories.rollout(note).ifPresent(memory -> happened(new Event.RolloutRemembered(memory))));
        state.notes(StateStore.Note.SCALE)
                .forEach((app, note) -> Memories.number(note)
                        .ifPresent(instances -> happened(new Event.ScaleRemembered(app, instances))));
    }

    /** What was found at the start, one sentence each. */
    public List<String> found() {
        return List.copyOf(boot.found());
    }

    /** To be told before {@link #start}: who starts it has left out checks. */
    public void unchecked(Set<String> checks) {
        loop.post(() -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("verb", "up");
            fields.put("by", System.getProperty("user.name", "nobody"));
            fields.put("skipped", List.copyOf(checks));
            chronicle.tellDaemon(Tale.CHECK_SKIPPED, fields);
        });
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
        loop.post(leaving::stop);
    }

    /** Ends and leaves every app running, for the daemon that comes next. From any thread. */
    public void leaveApps(String why) {
        log.info(why + ": the apps go on");
        loop.post(leaving::atOnce);
    }

    /** The systemd service whose main process this daemon is. */
    public Optional<ServiceUnit> unit() {
        return unit;
    }

    /** The daemon that is to take over, when {@link #await} has returned because of that. */
    public Optional<Pidfd> heir() {
        return leaving.heir();
    }

    /** To be told before {@link #start}: {@code heir} was to take over and has ended before it could. From any thread. */
    public void goesOn(int heir) {
        log.warn("process " + heir + " was to take over and has ended: this daemon goes on");
    }

    private void handOver() {
        http.handOver();
    }

    /** Whether another daemon answers for this home by now. */
    public boolean replaced() {
        return http.replaced();
    }

    /** The configuration that was used last. */
    public Spec inForce() {
        return applying.inForce();
    }

    /** The file it was read from. */
    public Path file() {
        return applying.file();
    }

    /** Makes the apps equal to the file again, as after SIGHUP. From any thread. */
    public void applyFile() {
        loop.post(() -> {
            reports.reloading();
            applying.applyQuietly(log).thenAccept(said -> loop.post(reports::reloaded));
        });
    }

    /** As PID 1 of a container the daemon inherits every orphan: those that are no keeper's child are reaped here. */
    public void reapOrphans() {
        Set<Integer> keepers = runs.keepers();
        keepers.addAll(errands.keepers());
        Orphans.reap(keepers::contains);
        loop.after(PID1_REAP_MILLIS, this::reapOrphans);
    }

    private void begin(Spec spec, Spec scripts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("version", io.bulkhead.api.Version.TEXT);
        fields.put("pid", ProcessHandle.current().pid());
        chronicle.tellDaemon("daemon.started", fields);
        if (takesOver) {
            applying.notApplied().thenAccept(words -> {
                if (!words.isEmpty()) {
                    log.info("taken over as it was: " + words);
                }
            });
        }
        HostWatch host =
                new HostWatch(loop, cgroups, () -> applying.inForce().server().reserve(), memory::uses, this::happened);
        memory.start(host);
        host.start();
        runs.all().forEach(watch::adopted);
        leases.look();
        if (Orphans.areOurs()) {
            reapOrphans();
        }
        List<AppSpec> all = new ArrayList<>(spec.apps().values());
        all.addAll(scripts.apps().values());
        applying.tellRoom(all);
        reports.ready();
        externals.expect(spec);
        CompletableFuture<Outcome> started = CompletableFuture.completedFuture(BootReport.NOTHING);
        for (String name : scripts.apps().keySet()) {
            // One by one: what lives and could not be read back is not taken for deleted.
            started = started.thenCombine(
                    supervision.wish(new Event.ApplyWish(scripts, Origin.START, Optional.of(name)), true),
                    BootReport::both);
        }
        started.thenCombine(
                        supervision.wish(new Event.ApplyWish(spec, Origin.FILE, Optional.empty()), true),
                        BootReport::both)
                .thenAccept(outcome -> {
                    boot.done(outcome);
                    runs.socketUse().closeUnless(this::mayRun);
                    loop.after(SETTLED_MILLIS, () -> {
                        worker.execute(Server::settle);
                        loop.after(TRIM_MILLIS, this::trim);
                    });
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

    /** The JVM's own trimmer does the same, and wakes every four seconds (measured) for it. */
    private void trim() {
        worker.execute(OwnMemory::trim);
        loop.after(MemoryWatch.aligned(Loop.now(), TRIM_MILLIS), this::trim);
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

    private boolean inheritEnvironment() {
        return applying.inForce().server().inheritEnvironment();
    }

    private void happened(Event event) {
        switch (event) {
            case Event.RunStarted(String run, int pid) -> {
                memory.begun(run);
                runs.find(run).ifPresent(live -> {
                    watch.begun(live);
                    if (live.app.tunnel().isPresent()) {
                        loop.post(leases::look);
                    }
                });
            }
            case Event.RunExited ended -> {
                watch.ended(ended.run());
                connections.ended(ended.run());
            }
            case Event.RunRefused refused -> watch.ended(refused.run());
            case Event.Probed probed when !probed.well() -> unreachable.suspect();
            case Event.ExternalsAway away when !away.reasons().isEmpty() -> unreachable.suspect();
            default -> {}
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
        errands.endAll(() -> loop.after(50, loop::end));
    }

    /**
     * Lets go of everything but the socket's name, after {@link #await}; what runs goes on. From then on another daemon can have the home; whoever asks at the
     * socket meanwhile is told to ask again.
     */
    public void letGo() throws IOException {
        if (letGo) {
            return;
        }
        letGo = true;
        peaks.saveAll();
        worker.close();
        pump.close();
        history.close();
        try {
            cgroups.remove();
        } catch (IOException stillUsed) {
            log.info("control groups stay: " + stillUsed.getMessage());
        }
        notices.close();
        lookout.close();
        connections.close();
        witness.close();
        compartments.letGo();
        loop.close();
        try {
            state.settle(REMEMBERING_MILLIS);
        } catch (InterruptedException atOnce) {
            Thread.currentThread().interrupt();
        }
        if (leaving.heir().isPresent()) {
            lock.close();
        }
    }

    /** Lets go of everything, after {@link #await}; what runs goes on. */
    @Override
    public void close() throws IOException {
        letGo();
        // The socket's end says that everything is on disk: `shutdown` waits for it.
        http.close();
        if (leaving.heir().isPresent()) {
            leaving.heir().get().close();
        } else {
            lock.close();
        }
    }
}
