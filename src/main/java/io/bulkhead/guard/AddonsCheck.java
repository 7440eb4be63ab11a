package io.bulkhead.guard;

import io.bulkhead.linux.ProgramOutput;
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
import java.util.concurrent.TimeUnit;

/**
 * Whether native add-ons load in the very node that will run them. They are tried in a process of that node, as the app's user: no look at the file tells (NODE_MODULE() exports nothing that
 * names the version it was made for).
 */
final class AddonsCheck implements Check {

    private static final int MOST_FILES = 500;
    private static final int MOST_OUTPUT = 1 << 20;
    private static final int MOST_CRASHES = 3;
    private static final long MILLIS = 5_000;

    /** What an add-on needs of the app's environment to find its libraries; the rest is none of its business before it runs. */
    private static final Set<String> PASSED = Set.of("PATH", "HOME", "LD_LIBRARY_PATH");

    /**
     * Says {@code try N}, then {@code loaded N} or {@code failed N why}, so that one that ends the process is known. What is made for another version of Node by
     * its name is passed over, as node-gyp-build does.
     */
    private static final String TRIAL =
            "const fs=require('fs');const say=t=>fs.writeSync(1,'\\n'+t+'\\n');const abi=process.versions.modules;"
                    + "process.argv.slice(1).forEach((file,n)=>{"
                    + "const made=/[.]abi(\\d+)[.]/.exec(file);if(made&&made[1]!==abi)return;"
                    + "say('try '+n);"
                    + "try{process.dlopen({exports:{}},file);say('loaded '+n)}"
                    + "catch(e){if(e&&e.code==='ERR_DLOPEN_FAILED')say('failed '+n+' '+String(e.message).replace(/\\s+/g,' ').slice(0,400));"
                    + "else say('loaded '+n)}});"
                    + "say('done');process.reallyExit(0)";

    @Override
    public String name() {
        return "native-addons";
    }

    private record Addon(Installed owner, Path file) {}

    @Override
    public List<Finding> look(Subject subject) throws IOException, InterruptedException {
        Optional<NodeApp> found = NodeApp.of(subject);
        if (found.isEmpty() || !Files.isDirectory(found.get().modules())) {
            return List.of();
        }
        NodeApp app = found.get();
        List<Addon> addons = new ArrayList<>();
        for (Installed one : Together.packages(subject, app).all().values()) {
            if (one.mayBeNative() && addons.size() < MOST_FILES) {
                AddonFiles.in(one.folder()).forEach(file -> addons.add(new Addon(one, file)));
            }
        }
        return addons.isEmpty() ? List.of() : tell(subject, app, new Trial(subject, app, addons).run());
    }

    /** What became of each. */
    private record Outcome(Set<Addon> loaded, Map<Addon, String> failed, boolean late) {}

    private record Trial(Subject subject, NodeApp app, List<Addon> addons) {

        Outcome run() throws IOException {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
            Outcome outcome = new Outcome(new LinkedHashSet<>(), new LinkedHashMap<>(), false);
            int from = 0;
            for (int crashes = 0; crashes <= MOST_CRASHES && from < addons.size(); crashes++) {
                int left = (int) TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return new Outcome(outcome.loaded(), outcome.failed(), true);
                }
                List<Addon> rest = addons.subList(from, addons.size());
                ProgramOutput.Answer answer = ask(rest, left);
                int tried = read(answer.output(), rest, outcome);
                if (answer.status().isEmpty()) {
                    return new Outcome(outcome.loaded(), outcome.failed(), true);
                }
                if (tried < 0) {
                    return outcome;
                }
                String how = answer.status().get().signal().isPresent()
                        ? "signal " + answer.status().get().signal().getAsInt()
                        : "code " + answer.status().get().code().orElse(0);
                outcome.failed().put(rest.get(tried), "loading it ends node (" + how + ")");
                from += tried + 1;
            }
            return outcome;
        }

        private ProgramOutput.Answer ask(List<Addon> rest, int millis) throws IOException {
            List<String> arguments = new ArrayList<>(List.of("--no-warnings", "-e", TRIAL, "--"));
            rest.forEach(addon -> arguments.add(addon.file().toString()));
            Map<String, String> environment = new LinkedHashMap<>();
            subject.environment().forEach((name, value) -> {
                if (PASSED.contains(name)) {
                    environment.put(name, value);
                }
            });
            return ProgramOutput.of(
                    new ProgramOutput.Question(
                            app.binary(), arguments, subject.identity(), app.folder(), environment, MOST_OUTPUT),
                    millis);
        }

        /** Takes over what was said; returns the one that was being tried at the end, -1 where all were. */
        private static int read(String output, List<Addon> rest, Outcome outcome) {
            int trying = 0;
            boolean done = false;
            for (String line : output.split("\n")) {
                String[] words = line.split(" ", 3);
                if (line.equals("done")) {
                    done = true;
                }
                if (words.length < 2 || !Version.isNumber(words[1]) || words[1].length() > 6) {
                    continue;
                }
                int number = Integer.parseInt(words[1]);
                if (number >= rest.size()) {
                    continue;
                }
                switch (words[0]) {
                    case "try" -> trying = number;
                    case "loaded" -> outcome.loaded().add(rest.get(number));
                    case "failed" -> outcome.failed().put(rest.get(number), words.length > 2 ? words[2] : "");
                    default -> {}
                }
            }
            return done ? -1 : trying;
        }
    }

    private List<Finding> tell(Subject subject, NodeApp app, Outcome outcome) throws IOException, InterruptedException {
        Map<String, LockFile.Locked> mark = Together.mark(subject, app);
        List<Addon> needed = new ArrayList<>();
        List<Addon> optional = new ArrayList<>();
        outcome.failed().keySet().forEach(addon -> {
            if (!isReplaced(addon, outcome.loaded())) {
                LockFile.Locked locked = mark.get(addon.owner().place());
                (locked != null && locked.optional() ? optional : needed).add(addon);
            }
        });
        List<Finding> findings = new ArrayList<>();
        if (!needed.isEmpty()) {
            findings.add(subject.error(
                    this,
                    Many.count(needed.size(), "native add-on") + " cannot be loaded by " + app.binary(),
                    fix(app, needed),
                    Many.some(lines(needed, outcome))));
        }
        if (!optional.isEmpty()) {
            findings.add(subject.warning(
                    this,
                    Many.count(optional.size(), "native add-on") + " of optional packages cannot be loaded by "
                            + app.binary() + ": what uses them may be slower, or fail",
                    fix(app, optional),
                    Many.some(lines(optional, outcome))));
        }
        if (outcome.late()) {
            findings.add(subject.warning(
                    this,
                    "loading the native add-ons took more than " + MILLIS / 1000 + " s: whether all load is not known",
                    "to leave it out: --skip " + name()));
        }
        return findings;
    }

    /** Whether its package has another that serves instead: loaders take the first that fits. */
    private static boolean isReplaced(Addon addon, Set<Addon> loaded) {
        boolean oneOfMany = addon.file().toString().contains("/prebuilds/");
        return loaded.stream()
                .anyMatch(other -> other.owner().equals(addon.owner())
                        && (oneOfMany
                                || other.file()
                                        .getFileName()
                                        .equals(addon.file().getFileName())));
    }

    private static List<String> lines(List<Addon> addons, Outcome outcome) {
        List<String> lines = new ArrayList<>();
        for (Addon addon : addons) {
            lines.add(addon.owner().words() + ": " + addon.file() + ": "
                    + outcome.failed().get(addon));
        }
        return lines;
    }

    private static String fix(NodeApp app, List<Addon> addons) {
        Set<String> names = new LinkedHashSet<>();
        addons.forEach(addon -> names.add(Installed.nameOf(addon.owner().place())));
        return "cd " + app.installed() + " && PATH=" + app.binary().getParent() + ":$PATH npm rebuild "
                + String.join(" ", names);
    }
}
