package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.Origin;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.SpecReader;
import java.nio.charset.StandardCharsets;
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
 * The document of {@code env --json}: three sources side by side. What a process was started with, from /proc; what a restart would give it: the specification in
 * force with its env files as they are now; and what an apply would give it: the configuration as it stands on disk.
 */
final class EnvDocument {

    private static final int FINGERPRINT_BYTES = 4;

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
            "NODE_OPTIONS",
            "NOTIFY_SOCKET",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_");

    /** The program of one living run. */
    record Process(int index, String run, int pid) {}

    private final byte[] salt;

    /** @param salt what fingerprints are made with */
    EnvDocument(byte[] salt) {
        this.salt = salt;
    }

    /** On the loop. */
    static List<Process> processes(String app, Runs runs) {
        List<Process> processes = new ArrayList<>();
        for (LiveRun run : runs.all()) {
            if (run.phase == LiveRun.Phase.ALIVE && run.instance.app().equals(app)) {
                processes.add(new Process(run.instance.index(), run.id, run.pid));
            }
        }
        processes.sort(java.util.Comparator.comparingInt(Process::index).thenComparing(Process::run));
        return processes;
    }

    /** Reads files: not on the loop. */
    Map<String, @Nullable Object> of(AppView view, List<Process> processes, Applying applying) {
        List<String> problems = new ArrayList<>();
        AppSpec app = view.spec();
        Optional<AppSpec> onDisk = onDisk(view, applying, problems);
        Sources sources = new Sources(
                variables(app, problems),
                onDisk.isPresent() ? variables(onDisk.get(), problems) : Map.of(),
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
     * @param readable whether the configuration on disk has the app and no error
     */
    private record Sources(Map<String, String> restart, Map<String, String> apply, boolean readable) {}

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
        List<Object> variables = new ArrayList<>();
        int differences = 0;
        Set<String> names = new TreeSet<>(environ.get().keySet());
        names.addAll(sources.restart().keySet());
        names.addAll(sources.apply().keySet());
        for (String name : names) {
            Map<String, @Nullable Object> variable = variable(app, name, environ.get(), sources);
            if (!variable.isEmpty()) {
                variables.add(variable);
                differences += "same".equals(variable.get("state")) ? 0 : 1;
            }
        }
        instance.put("differences", differences);
        instance.put("variables", variables);
        return instance;
    }

    /** Empty for what every program gets. */
    private Map<String, @Nullable Object> variable(
            AppSpec app, String name, Map<String, String> process, Sources sources) {
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
            state = has.isEmpty() ? "missing" : restart.isEmpty() ? "extra" : "changed";
            fix = "bulkhead restart " + app.name();
        } else {
            state = "same";
        }
        Map<String, @Nullable Object> variable = new LinkedHashMap<>();
        variable.put("name", name);
        variable.put("state", state);
        variable.put(
                "source", restart.isEmpty() ? null : app.environment().containsKey(name) ? "environment" : "env_file");
        variable.put("process", has.map(this::fingerprint).orElse(null));
        variable.put("configured", restart.map(this::fingerprint).orElse(null));
        variable.put("file", apply.map(this::fingerprint).orElse(null));
        variable.put("fix", fix);
        return variable;
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
