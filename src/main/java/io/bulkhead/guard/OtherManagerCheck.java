package io.bulkhead.guard;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.ProcessStat;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether somebody else runs the same program now: both would take each other's port, jobs and memory, and each would start again what the other stops. */
final class OtherManagerCheck implements Check {

    private static final int MOST_ANCESTORS = 64;
    private static final int MOST_OF_A_LIST = 8 << 20;
    private static final int MOST_VALUES = 200_000;

    @Override
    public String name() {
        return "other-manager";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Optional<Path> script = NodeApp.of(subject).flatMap(NodeApp::scriptFile).flatMap(OtherManagerCheck::real);
        SameProgram same = new SameProgram(subject, script);
        Map<Manager, List<ProcessFacts>> found = new LinkedHashMap<>();
        for (int pid : Proc.HOST.pids()) {
            if (same.is(pid) && !isOurs(subject, pid)) {
                ProcessFacts.of(pid)
                        .ifPresent(process -> found.computeIfAbsent(Manager.of(process), manager -> new ArrayList<>())
                                .add(process));
            }
        }
        List<Finding> findings = new ArrayList<>();
        found.forEach((manager, processes) -> findings.add(running(subject, manager, processes)));
        if (findings.isEmpty() && script.isPresent()) {
            saved(subject, script.get()).ifPresent(findings::add);
        }
        return findings;
    }

    /** By what the daemon says, by ancestors, and by the marks that its programs carry. */
    private static boolean isOurs(Subject subject, int pid) {
        int at = pid;
        for (int i = 0; at > 1 && i < MOST_ANCESTORS; i++) {
            if (subject.ours().contains(at)) {
                return true;
            }
            at = Proc.HOST.stat(at).map(ProcessStat::parent).orElse(0);
        }
        // One that was started since the daemon named its own bears the app's mark, and so does one of another daemon's
        // app of the
        // same name: who refuses a start by mistake does more harm than who misses that.
        return Proc.HOST
                .environment(pid, "BULKHEAD_APP")
                .equals(Optional.of(subject.app().name()));
    }

    private Finding running(Subject subject, Manager manager, List<ProcessFacts> processes) {
        List<String> lines = new ArrayList<>();
        processes.forEach(process -> lines.add(process.words()));
        String[] evidence = Many.some(lines);
        return switch (manager.word()) {
            case "none" ->
                subject.warning(
                        this,
                        "the same program runs already, started by hand: two of it would share port, jobs and files",
                        manager.stop(),
                        evidence);
            case "pm2" ->
                subject.error(
                        this,
                        "PM2 runs the same program already",
                        manager.stop() + " && pm2 save (as user "
                                + processes.getFirst().user() + ")",
                        evidence);
            default -> subject.error(this, manager.word() + " runs the same program already", manager.stop(), evidence);
        };
    }

    /** PM2's list of what it starts at boot (pm2 save). */
    private Optional<Finding> saved(Subject subject, Path script) {
        Set<Path> homes = new LinkedHashSet<>();
        Optional.ofNullable(subject.environment().get("PM2_HOME")).map(Path::of).ifPresent(homes::add);
        subject.identity().ifPresent(who -> homes.add(who.home().resolve(".pm2")));
        Optional.ofNullable(subject.environment().get("HOME"))
                .map(home -> Path.of(home, ".pm2"))
                .ifPresent(homes::add);
        for (Path home : homes) {
            Path list = home.resolve("dump.pm2");
            Optional<String> name = Files.isReadable(list) ? nameIn(list, script) : Optional.empty();
            if (name.isPresent()) {
                return Optional.of(subject.note(
                        this,
                        "PM2 has the same program in its saved list, and would start it too at the next boot",
                        "pm2 delete " + name.get() + " && pm2 save",
                        list.toString()));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> nameIn(Path list, Path script) {
        try {
            if (Json.readAsJavaScript(JsonFile.text(list, MOST_OF_A_LIST), MOST_VALUES) instanceof List<?> apps) {
                for (Object app : apps) {
                    if (app instanceof Map<?, ?> settings
                            && settings.get("pm_exec_path") instanceof String path
                            && real(Path.of(path)).equals(Optional.of(script))) {
                        return Optional.of(String.valueOf(settings.get("name")));
                    }
                }
            }
        } catch (IOException | JsonException notAsWeKnowIt) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    static Optional<Path> real(Path file) {
        try {
            return Optional.of(file.toRealPath());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
