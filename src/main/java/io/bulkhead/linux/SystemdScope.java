package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A transient scope of systemd's that holds all compartments of one daemon, delegated to us (systemd.scope(5), systemd-run(1)). It belongs to no
 * service, so restarting, killing and reloading the daemon's unit leave it and what lives in it alone. systemd 252 was seen to fail every restart of a service
 * whose own group had children (219/CGROUP).
 *
 * @param name of the unit, such as {@code bulkhead-apps.scope}
 * @param slice the slice it is made in
 * @param folder its control group, which exists while anything lives in it
 * @param user whether it belongs to the user's own service manager
 * @param before the daemon's own unit, which is stopped first when the machine goes down
 */
record SystemdScope(String name, String slice, Path folder, boolean user, Optional<String> before) {

    /** An emulated machine was seen to take seconds. */
    private static final int LONGEST_MILLIS = 20_000;

    private static final int LOOK_MILLIS = 5;
    private static final int AGAIN_MILLIS = 50;
    private static final int GONE_MILLIS = 2_000;
    private static final Path SYSTEMD_RUN = Path.of("/usr/bin/systemd-run");
    private static final Path NOTHING = Path.of("/dev/null");

    /**
     * Where the scope is or would be.
     *
     * @param place name of the group that will hold the compartments, such as {@code bulkhead}
     * @return empty where systemd does not rule, or not over memory; then {@code reasons} says why when that is surprising
     */
    static Optional<SystemdScope> find(CgroupView view, CgroupMount unified, String place, List<String> reasons) {
        if (!Files.isDirectory(view.root().resolve("run/systemd/system"))
                || !Files.isExecutable(SYSTEMD_RUN)
                || !PlaceV2.has(view.top(unified).resolve("cgroup.controllers"), "memory")) {
            return Optional.empty();
        }
        // In a process namespace of our own, numbers of processes mean others to systemd.
        String first = CgroupPaths.parse(
                        ControlFile.read(view.root().resolve("proc/1/cgroup")).orElse(""))
                .of("")
                .orElse("");
        if (!first.endsWith("/init.scope")) {
            reasons.add("systemd runs here, but is not process 1 of ours");
            return Optional.empty();
        }
        String name = name(place);
        Path above = CgroupView.above(view.folder(unified, first));
        int uid = Users.effectiveUser();
        if (uid == 0) {
            String slice = "bulkhead.slice";
            return Optional.of(
                    new SystemdScope(name, slice, above.resolve(slice).resolve(name), false, service(view)));
        }
        Path ours = above.resolve("user.slice/user-" + uid + ".slice/user@" + uid + ".service");
        if (!Files.exists(runtimeFolder(uid).resolve("systemd/private"))
                || !PlaceV2.has(ours.resolve("cgroup.controllers"), "memory")) {
            reasons.add("no service manager of user " + uid + " with memory delegated to it (loginctl enable-linger)");
            return Optional.empty();
        }
        // A process may move only below a group of ours (Documentation/admin-guide/cgroup-v2.rst, "Delegation
        // Containment").
        if (!view.own().of("").orElse("").contains("/user@" + uid + ".service/")) {
            reasons.add("this daemon runs outside of the service manager of user " + uid
                    + ", from where its programs may not be moved into it: start it as a service of systemd --user");
            return Optional.empty();
        }
        String slice = "app.slice";
        return Optional.of(new SystemdScope(name, slice, ours.resolve(slice).resolve(name), true, Optional.empty()));
    }

    /** Of the scope whose group {@code place} holds compartments. */
    static String name(String place) {
        return "bulkhead-apps" + (place.startsWith("bulkhead") ? place.substring(8) : "-" + place) + ".scope";
    }

    /** The service this process runs in. */
    private static Optional<String> service(CgroupView view) {
        String own = view.own().of("").orElse("");
        String last = own.substring(own.lastIndexOf('/') + 1);
        return last.endsWith(".service") ? Optional.of(last) : Optional.empty();
    }

    /** Whether something lives in it: an empty one is about to be removed by systemd. */
    boolean lives() {
        String events = ControlFile.read(folder.resolve("cgroup.events")).orElse("");
        return ControlFile.keyed(events, "populated") == 1;
    }

    /** Makes it unless it lives, around a process that only sleeps. Waits for systemd. */
    void make() throws IOException {
        if (lives()) {
            return;
        }
        Path words = Files.createTempFile("bulkhead-systemd-run", ".log");
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);
            while (!tryMake(words, end)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS));
            }
        } finally {
            Files.delete(words);
        }
    }

    /** False while systemd has not yet cleared away one of the name. */
    private boolean tryMake(Path words, long end) throws IOException {
        try (Pidfd process = Pidfd.open(spawn(words))) {
            // systemd-run becomes the sleeper when the scope stands.
            while (!sleeps(process.pid())) {
                if (process.ended()) {
                    process.reap();
                    String said = Files.readString(words).strip();
                    if (said.contains("already") && System.nanoTime() < end) {
                        return false;
                    }
                    throw new IOException("systemd-run made no " + name + ": " + said);
                }
                if (System.nanoTime() > end) {
                    process.signal(Signals.KILL);
                    process.reap();
                    throw new IOException("systemd-run made no " + name + " within " + LONGEST_MILLIS / 1_000 + " s");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
            }
            return true;
        }
    }

    private int spawn(Path words) throws IOException {
        List<String> argv = new ArrayList<>(List.of("systemd-run"));
        if (user) {
            argv.add("--user");
        }
        argv.addAll(List.of(
                "--scope",
                "--quiet",
                "--collect",
                "--unit=" + name,
                "--slice=" + slice,
                "--property=Delegate=yes",
                "--description=programs that Bulkhead keeps running"));
        before.ifPresent(unit -> argv.add("--property=Before=" + unit));
        argv.addAll(List.of("/bin/sh", "-c", "exec sleep infinity 2>/dev/null"));
        return new Spawn(SYSTEMD_RUN, argv, environment(user))
                .open(0, NOTHING, Spawn.READ_WRITE)
                .open(1, NOTHING, Spawn.READ_WRITE)
                .open(2, words, Spawn.READ_WRITE)
                .start();
    }

    /** What systemd's own commands need to find the service manager. */
    static Map<String, String> environment(boolean user) {
        Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
        if (user) {
            environment.put(
                    "XDG_RUNTIME_DIR", runtimeFolder(Users.effectiveUser()).toString());
        }
        return environment;
    }

    private boolean sleeps(int pid) throws IOException {
        return lives()
                && ControlFile.pids(folder.resolve("cgroup.procs")).contains(pid)
                && ControlFile.read(Path.of("/proc/" + pid + "/comm"))
                        .orElse("")
                        .equals("sleep");
    }

    private static Path runtimeFolder(int uid) {
        return Path.of("/run/user/" + uid);
    }

    /**
     * Ends what keeps it, and waits a moment for systemd to remove it. Only when no compartment is left in it.
     *
     * @param leaf where its first process has been moved
     */
    void end(Path leaf) throws IOException {
        EndAll.step(() -> ControlFile.pids(leaf.resolve("cgroup.procs")), 0);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GONE_MILLIS);
        while (Files.isDirectory(folder) && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        }
    }
}
