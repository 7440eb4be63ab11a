package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.guard.NodeCommand;
import io.bulkhead.guard.NodeVersions;
import io.bulkhead.linux.CommandLookup;
import io.bulkhead.linux.Fifo;
import io.bulkhead.linux.Identity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Ready;
import io.bulkhead.spec.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts into the environment of a Node program what {@code node}, {@code listen} and {@code ready: message} in bulkhead.yaml ask for: V8's sizes before the app's own NODE_OPTIONS, where the
 * last one wins, and the preload after them. On the worker, but for {@link #setting}.
 */
final class NodeLaunch {

    static final String OPTIONS = "NODE_OPTIONS";
    static final String WANTED = "BULKHEAD_NODE";
    static final String SOCKETS = "BULKHEAD_NODE_SOCKETS";

    /** The oldest that knows every option that is given, and on which the preload is tested. */
    private static final int OLDEST = 18;

    private static final int INTERRUPT = 2;

    private static final String HEAP_OPTION = "max-old-space-size";
    private static final int MOST_SETTINGS = 1_000;

    /** unix(7): the path of a socket has 107 bytes; a process id and the numbers of a server take up to 14 of them. */
    private static final int LONGEST_FOLDER = 107 - 14;

    /** Empty where nothing is to be written: then it only looks. */
    private final Optional<Preload> preload;

    private final Path sockets;
    private final NodeVersions versions = new NodeVersions();
    private final Map<String, NodeSetting> settings = new LinkedHashMap<>();

    /** @param runFolder the home's; empty: nothing is started, only the notes are wanted */
    NodeLaunch(Optional<Path> runFolder) {
        this.preload = runFolder.map(Preload::new);
        this.sockets = runFolder.orElse(Path.of("/")).resolve("n");
    }

    /** What was done at the last start of {@code app} by this daemon. From any thread. */
    Optional<NodeSetting> setting(String app) {
        synchronized (settings) {
            return Optional.ofNullable(settings.get(app));
        }
    }

    /** The folder in which the processes of an instance serve sockets named by their process ids. */
    Path sockets(InstanceId instance) {
        return sockets.resolve(instance.app() + "-" + instance.index());
    }

    /**
     * Changes {@code environment} of a program that is about to start.
     *
     * @param program the first word of the app's command, found
     */
    void amend(
            AppSpec app,
            InstanceId instance,
            Path program,
            Map<String, String> environment,
            Optional<Identity> identity,
            CommandLookup lookup) {
        boolean asked =
                app.node().heap() || app.node().leakProfile() || app.node().drain() && !isHanded(app);
        if (!asked && !isHanded(app) && !(app.ready() instanceof Ready.Messaged)) {
            remember(app.name(), Optional.empty());
            return;
        }
        Optional<Path> binary = new NodeCommand(app.workingDir(), environment, lookup)
                .binary(program, app.command().argv());
        if (binary.isEmpty() && !asked) {
            remember(app.name(), Optional.empty());
            return;
        }
        NodeSetting setting = binary.isEmpty()
                ? NodeSetting.none(
                        "no node",
                        "node: " + program + " is no node and no wrapper known to start one: nothing is done for it")
                : prepare(app, instance, binary.get(), environment, identity, lookup);
        remember(app.name(), Optional.of(setting));
    }

    /** Whether Bulkhead holds a socket for it, if it is Node. */
    private static boolean isHanded(AppSpec app) {
        for (Listen address : app.listen()) {
            if (address.handover() != Listen.Handover.NEVER) {
                return true;
            }
        }
        return false;
    }

    private NodeSetting prepare(
            AppSpec app,
            InstanceId instance,
            Path binary,
            Map<String, String> environment,
            Optional<Identity> identity,
            CommandLookup lookup) {
        Optional<Integer> major = versions.major(binary, identity);
        if (major.isEmpty()) {
            return NodeSetting.none(
                    "node (" + binary + ")", "node: " + binary + " --version tells no version: nothing is done for it");
        }
        String runs = "node " + major.get() + " (" + binary + ")";
        if (major.get() < OLDEST) {
            return NodeSetting.none(
                    runs,
                    "node: " + binary + " is version " + major.get() + ", older than " + OLDEST
                            + ": nothing is done for it");
        }
        String own = environment.getOrDefault(OPTIONS, "").strip();
        Optional<NodeHeap> heap = heap(app);
        List<String> notes = new ArrayList<>();
        Optional<Path> file = preload(lookup, notes);
        List<String> options = new ArrayList<>();
        heap.ifPresent(sizes -> options.add(sizes.options()));
        // One that hangs then prints where, before it ends (UnhealthyRecord); costs a thread and 0.1 MB.
        if (app.health().isPresent() && app.stop().signal() != INTERRUPT) {
            options.add("--trace-sigint");
        }
        if (!own.isEmpty()) {
            options.add(own);
        }
        if (file.isPresent()) {
            options.add("--require=" + quoted(file.get().toString()));
            environment.put(WANTED, wanted(app));
            sockets(instance, identity, notes).ifPresent(folder -> environment.put(SOCKETS, folder.toString()));
        }
        if (!options.isEmpty()) {
            environment.put(OPTIONS, String.join(" ", options));
        }
        return new NodeSetting(runs, heap, ownHeap(own), file.isPresent(), notes);
    }

    private static Optional<NodeHeap> heap(AppSpec app) {
        return app.node().heap() ? app.limits().memory().map(NodeHeap::of) : Optional.empty();
    }

    private Optional<Path> preload(CommandLookup lookup, List<String> notes) {
        if (preload.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path file = preload.get().installed();
            Optional<String> why = lookup.whyNotRead(file);
            if (why.isEmpty()) {
                return Optional.of(file);
            }
            notes.add(
                    "node: " + file + ": " + why.get()
                            + ": drain, leak_profile and handover are off; let every user pass the folders of that path (chmod o+x)");
        } catch (IOException failed) {
            notes.add("node: the preload cannot be written: " + failed.getMessage()
                    + ": drain, leak_profile and handover are off");
        }
        return Optional.empty();
    }

    private Optional<Path> sockets(InstanceId instance, Optional<Identity> identity, List<String> notes) {
        Path folder = sockets(instance);
        if (folder.toString().length() > LONGEST_FOLDER) {
            notes.add(
                    "node: " + folder
                            + " is too long a path for a socket: the heap cannot be asked for, and health is checked from outside; use a shorter BULKHEAD_HOME");
            return Optional.empty();
        }
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(sockets);
                Files.setPosixFilePermissions(sockets, PosixFilePermissions.fromString("rwx--x--x"));
                Files.createDirectories(folder);
            }
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            if (identity.isPresent()) {
                Fifo.give(folder, identity.get().uid(), identity.get().gid());
            }
            return Optional.of(folder);
        } catch (IOException failed) {
            notes.add("node: " + folder + ": " + failed.getMessage()
                    + ": the heap cannot be asked for, and health is checked from outside");
            return Optional.empty();
        }
    }

    /** For the preload: see preload.cjs. */
    private static String wanted(AppSpec app) {
        StringBuilder wanted = new StringBuilder("on");
        if (app.node().drain()) {
            wanted.append(" drain=").append(Signals.name(app.stop().signal()));
        }
        if (isHanded(app)) {
            wanted.append(" handover");
        }
        if (isHanded(app) || app.ready() instanceof Ready.Messaged) {
            wanted.append(" messages=").append(Signals.name(app.stop().signal()));
        }
        if (heap(app).isPresent()) {
            wanted.append(" heap");
        }
        if (app.node().leakProfile()) {
            wanted.append(" profile");
        }
        return wanted.toString();
    }

    /** NODE_OPTIONS takes double quotes and, within them, backslashes. */
    private static String quoted(String path) {
        return path.indexOf(' ') < 0 && path.indexOf('"') < 0 && path.indexOf('\\') < 0
                ? path
                : "\"" + path.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** The last old-generation size in the app's own options, in either spelling, as V8 takes it. */
    static Optional<String> ownHeap(String options) {
        Optional<String> last = Optional.empty();
        for (String word : options.replace('_', '-').split(" ")) {
            if (word.startsWith("--" + HEAP_OPTION)) {
                last = Optional.of(word);
            }
        }
        return last;
    }

    private void remember(String app, Optional<NodeSetting> setting) {
        synchronized (settings) {
            settings.remove(app);
            if (setting.isPresent()) {
                if (settings.size() == MOST_SETTINGS) {
                    settings.remove(settings.keySet().iterator().next());
                }
                settings.put(app, setting.get());
            }
        }
    }
}
