package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Origin;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.EnvFile;
import io.bulkhead.spec.SpecReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code env --json}: four sources side by side. What a process was started with, from /proc; what Node has now, as its preload tells; what a restart
 * would give it: the specification in force with its env files as they are now; and what an apply would give it: the configuration as it stands on disk.
 */
final class EnvDocument {

    private static final int FINGERPRINT_BYTES = 4;
    private static final long ANSWER_MILLIS = 1_000;
    private static final String RUN = "BULKHEAD_RUN";

    /** What dotenv and its like read in the working folder, unless told otherwise. */
    private static final String DOTENV = ".env";

    /** We add to it what {@code node:} asks for. */
    private static final String NODE_OPTIONS = "NODE_OPTIONS";

    /** Given to every program besides what is configured, or set by shells. */
    private static final Set<String> OWN = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "PORT",
            "NODE_APP_INSTANCE",
            NODE_OPTIONS,
            "FPM_SOCKETS",
            "NOTIFY_SOCKET",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_");

    /**
     * The program of one living run.
     *
     * @param sockets where it serves its socket if it is Node with our preload
     */
    record Process(int index, String run, int pid, Path sockets) {}

    private final byte[] salt;
    private final boolean inherits;

    /**
     * @param salt at most 16 bytes that fingerprints are made with
     * @param inherits whether programs get the daemon's own environment besides theirs
     */
    EnvDocument(byte[] salt, boolean inherits) {
        this.salt = salt;
        this.inherits = inherits;
    }

    /** On the loop. */
    static List<Process> processes(String app, Runs runs, NodeProcesses nodes) {
        List<Process> processes = new ArrayList<>();
        for (LiveRun run : runs.all()) {
            if (run.phase == LiveRun.Phase.ALIVE && run.instance.app().equals(app)) {
                processes.add(new Process(run.instance.index(), run.id, run.pid, nodes.folder(run.instance)));
            }
        }
        processes.sort(java.util.Comparator.comparingInt(Process::index).thenComparing(Process::run));
        return processes;
    }

    /** Reads files, and asks Node: not on the loop. */
    Map<String, @Nullable Object> of(AppView view, List<Process> processes, Applying applying) {
        List<String> problems = new ArrayList<>();
        return of(view, processes, applying, onDisk(view, applying, problems), problems);
    }

    /**
     * The same for somebody who has read the configuration already.
     *
     * @param onDisk the app as it stands there; empty: it does not come from a file, or that has an error
     * @param problems what could not be read; more may be added
     */
    Map<String, @Nullable Object> of(
            AppView view, List<Process> processes, Applying applying, Optional<AppSpec> onDisk, List<String> problems) {
        AppSpec app = view.spec();
        Sources sources = new Sources(
                variables(app, problems),
                onDisk.isPresent() ? variables(onDisk.get(), problems) : Map.of(),
                dotenv(app),
                onDisk.isPresent());
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("app", app.name());
        document.put("file", view.origin() == Origin.FILE ? applying.file().toString() : null);
        document.put("env_files", app.envFiles().stream().map(Path::toString).toList());
        document.put("problems", problems);
        document.put("configured", Masking.of(app, sources.restart()));
        List<Object> instances = new ArrayList<>();
        int differences = 0;
        for (Process process : processes) {
            Map<String, @Nullable Object> instance = instance(app, process, sources);
            differences += instance.get("differences") instanceof Number found ? found.intValue() : 0;
            instances.add(instance);
        }
        document.put("differences", differences);
        document.put("instances", instances);
        return document;
    }

    /**
     * @param restart what a restart would set
     * @param apply what an apply would set
     * @param dotenv what a program that reads .env itself would set
     * @param readable whether the configuration on disk has the app and no error
     */
    private record Sources(
            Map<String, String> restart, Map<String, String> apply, Map<String, String> dotenv, boolean readable) {}

    /** Unless it is an env file of ours. */
    private static Map<String, String> dotenv(AppSpec app) {
        Path file = app.workingDir().resolve(DOTENV);
        try {
            return app.envFiles().contains(file) || !Files.isRegularFile(file) || Files.size(file) > EnvFile.LARGEST
                    ? Map.of()
                    : EnvFile.parse(file.toString(), Files.readAllBytes(file)).variables();
        } catch (IOException unreadable) {
            return Map.of();
        }
    }

    private static Optional<AppSpec> onDisk(AppView view, Applying applying, List<String> problems) {
        if (view.origin() != Origin.FILE) {
            return Optional.empty();
        }
        SpecReader.Reading reading = applying.read(applying.file());
        if (reading.spec().isEmpty()) {
            problems.add(applying.file() + " has errors and was not read: bulkhead check");
            return Optional.empty();
        }
        return Optional.ofNullable(reading.spec().get().apps().get(view.name()));
    }

    private static Map<String, String> variables(AppSpec app, List<String> problems) {
        Map<String, String> all = new LinkedHashMap<>();
        try {
            all.putAll(ProgramEnvironment.ofFiles(app));
        } catch (LaunchRefused unreadable) {
            String message = unreadable.refusal().message();
            if (!problems.contains(message)) {
                problems.add(message);
            }
        }
        all.putAll(app.environment());
        return all;
    }

    private Map<String, @Nullable Object> instance(AppSpec app, Process process, Sources sources) {
        Map<String, @Nullable Object> instance = new LinkedHashMap<>();
        instance.put("index", process.index());
        instance.put("run", process.run());
        instance.put("pid", process.pid());
        Optional<ProcessFacts> facts = ProcessFacts.of(process.pid());
        instance.put("started", facts.map(known -> known.started().toString()).orElse(null));
        Optional<Map<String, String>> environ = Proc.HOST.environment(process.pid());
        boolean same = facts.map(ProcessFacts::identity)
                .filter(ProcessIdentity::exists)
                .isPresent();
        if (environ.isEmpty() || !same) {
            instance.put(
                    "problem",
                    "the environment of process " + process.pid() + " may not be read, or it has just ended");
            return instance;
        }
        if (!process.run().equals(environ.get().get(RUN))) {
            instance.put(
                    "problem",
                    "process " + process.pid()
                            + " has written over the environment it was started with (for its title): it cannot be compared");
            return instance;
        }
        Map<String, String> now = now(process);
        List<Object> variables = new ArrayList<>();
        int differences = 0;
        Set<String> names = new TreeSet<>(environ.get().keySet());
        names.addAll(now.keySet());
        names.addAll(sources.restart().keySet());
        names.addAll(sources.apply().keySet());
        for (String name : names) {
            Map<String, @Nullable Object> variable = variable(app, name, environ.get(), now, sources);
            if (!variable.isEmpty()) {
                variables.add(variable);
                differences += "same".equals(variable.get("state")) ? 0 : 1;
            }
        }
        instance.put("differences", differences);
        instance.put("variables", variables);
        return instance;
    }

    /** Fingerprints of what Node has by now; empty where it cannot be asked. */
    private Map<String, String> now(Process process) {
        Map<String, String> now = new LinkedHashMap<>();
        RunSocket.ask(process.sockets(), process.pid(), "env " + HexFormat.of().formatHex(salt), ANSWER_MILLIS)
                .ifPresent(answer -> {
                    Doc env = answer.doc("env");
                    env.members().keySet().forEach(name -> now.put(name, env.text(name)));
                });
        return now;
    }

    /** Empty for what every program gets. */
    private Map<String, @Nullable Object> variable(
            AppSpec app, String name, Map<String, String> process, Map<String, String> now, Sources sources) {
        Optional<String> has = Optional.ofNullable(process.get(name));
        Optional<String> restart = Optional.ofNullable(sources.restart().get(name));
        Optional<String> apply =
                sources.readable() ? Optional.ofNullable(sources.apply().get(name)) : restart;
        if (restart.isEmpty()
                && apply.isEmpty()
                && (OWN.contains(name) || name.startsWith("BULKHEAD_") || name.startsWith("LISTEN_"))) {
            return Map.of();
        }
        String state;
        String fix = "";
        if (!apply.equals(restart)) {
            state = apply.isEmpty() ? "extra" : has.isEmpty() ? "missing" : "changed";
            fix = "bulkhead apply";
        } else if (!has.equals(restart)) {
            boolean ours = name.equals(NODE_OPTIONS) && has.orElse("").contains(restart.orElse(""))
                    || inherits && restart.isEmpty();
            state = ours ? "same" : has.isEmpty() ? "missing" : restart.isEmpty() ? "extra" : "changed";
            fix = ours ? "" : "bulkhead restart " + app.name();
        } else {
            state = "same";
        }
        Optional<String> since = since(has, Optional.ofNullable(now.get(name)), now.isEmpty());
        Optional<String> dotenv = Optional.ofNullable(sources.dotenv().get(name));
        if (state.equals("same")
                && since.isPresent()
                && restart.isEmpty()
                && dotenv.isPresent()
                && !fingerprint(dotenv.get()).equals(now.get(name))) {
            state = "changed";
            fix = "bulkhead restart " + app.name();
        }
        Map<String, @Nullable Object> variable = new LinkedHashMap<>();
        variable.put("name", name);
        variable.put("state", state);
        variable.put(
                "source",
                restart.isEmpty()
                        ? (since.isPresent() && dotenv.isPresent() ? DOTENV : null)
                        : app.environment().containsKey(name) ? "environment" : "env_file");
        variable.put("process", has.map(this::fingerprint).orElse(null));
        variable.put("configured", restart.map(this::fingerprint).orElse(null));
        variable.put("file", apply.map(this::fingerprint).orElse(null));
        variable.put("now", now.get(name));
        variable.put("since_start", since.orElse(null));
        variable.put("fix", fix);
        return variable;
    }

    /** What the program did to it itself: dotenv, {@code process.env.X = …}. */
    private Optional<String> since(Optional<String> started, Optional<String> now, boolean unknown) {
        if (unknown || started.map(this::fingerprint).equals(now)) {
            return Optional.empty();
        }
        return Optional.of(started.isEmpty() ? "set" : now.isEmpty() ? "removed" : "changed");
    }

    private String fingerprint(String value) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            byte[] all = digest.digest(value.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(all, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
