package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.Origin;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Notices that variables have changed on disk since the processes of an app were started: one stat(2) of each env file and of the configuration every two seconds, and
 * only when one has changed they are read. Keeps names, never values. On the loop, but for the looks.
 */
final class EnvDrift implements Lookout.Watcher {

    private static final int MOST_NAMED = 10;

    private final Supervision supervision;
    private final Runs runs;
    private final NodeProcesses nodes;
    private final Applying applying;
    private final Chronicle chronicle;
    private final byte[] salt = new byte[16];
    private final Map<String, Known> known = new HashMap<>();

    /** Of the thread that looks: the configuration as it was read last, and its files then. */
    private Optional<Spec> read = Optional.empty();

    private String readStamp = "";

    EnvDrift(Supervision supervision, Runs runs, NodeProcesses nodes, Applying applying, Chronicle chronicle) {
        this.supervision = supervision;
        this.runs = runs;
        this.nodes = nodes;
        this.applying = applying;
        this.chronicle = chronicle;
        new SecureRandom().nextBytes(salt);
    }

    /** Of one app. */
    private static final class Known {
        String stamp = "";
        List<String> names = List.of();
    }

    /** Variables of {@code app} that differ between its processes and the disk, by name; none where all is as configured. */
    List<String> names(String app) {
        Known one = known.get(app);
        return one == null ? List.of() : one.names;
    }

    /** @param before stamp of the last look */
    private record Question(AppView app, List<EnvDocument.Process> processes, String before) {}

    private record Answer(String app, String stamp, Optional<List<String>> names) {}

    @Override
    public Optional<Lookout.Look> next() {
        List<Question> questions = new ArrayList<>();
        Set<String> apps = new HashSet<>();
        for (AppView app : supervision.supervisor().apps()) {
            List<EnvDocument.Process> processes = EnvDocument.processes(app.name(), runs, nodes);
            if (!processes.isEmpty()) {
                apps.add(app.name());
                Known one = known.computeIfAbsent(app.name(), added -> new Known());
                questions.add(new Question(app, processes, one.stamp));
            }
        }
        known.keySet().retainAll(apps);
        if (questions.isEmpty()) {
            return Optional.empty();
        }
        Spec inForce = applying.inForce();
        return Optional.of(new Lookout.Look() {
            @Override
            public Set<Integer> ports() {
                return Set.of();
            }

            @Override
            public Runnable at(List<TcpSocket> listening) {
                String configuration = stamp(inForce.files());
                List<Answer> answers = new ArrayList<>();
                for (Question question : questions) {
                    answers.add(look(question, inForce, configuration));
                }
                return () -> answers.forEach(EnvDrift.this::seen);
            }
        });
    }

    private Answer look(Question question, Spec inForce, String configuration) {
        AppView app = question.app();
        List<Path> files = new ArrayList<>(app.spec().envFiles());
        files.add(app.spec().workingDir().resolve(".env"));
        StringBuilder stamp = new StringBuilder(stamp(files));
        question.processes().forEach(process -> stamp.append(' ').append(process.run()));
        if (app.origin() == Origin.FILE) {
            stamp.append(configuration).append(System.identityHashCode(inForce));
        }
        if (stamp.toString().equals(question.before())) {
            return new Answer(app.name(), question.before(), Optional.empty());
        }
        Optional<AppSpec> onDisk =
                app.origin() == Origin.FILE ? onDisk(app.name(), inForce, configuration) : Optional.empty();
        Map<String, @Nullable Object> document = new EnvDocument(
                        salt, inForce.server().inheritEnvironment())
                .of(app, question.processes(), applying, onDisk, new ArrayList<>());
        return new Answer(app.name(), stamp.toString(), Optional.of(differing(document)));
    }

    /** Parsed once for each change of its files; one with errors would change nothing. */
    private Optional<AppSpec> onDisk(String app, Spec inForce, String configuration) {
        if (!readStamp.equals(configuration)) {
            // What is in force has just been read: the first look of a daemon need not parse it again.
            read = readStamp.isEmpty()
                    ? Optional.of(inForce)
                    : applying.read(applying.file()).spec();
            readStamp = configuration;
        }
        return read.flatMap(spec -> Optional.ofNullable(spec.apps().get(app)));
    }

    private static List<String> differing(Map<String, @Nullable Object> document) {
        Set<String> names = new TreeSet<>();
        if (document.get("instances") instanceof List<?> instances) {
            for (Object instance : instances) {
                if (instance instanceof Map<?, ?> one && one.get("variables") instanceof List<?> variables) {
                    for (Object variable : variables) {
                        if (variable instanceof Map<?, ?> each && !"same".equals(each.get("state"))) {
                            names.add(String.valueOf(each.get("name")));
                        }
                    }
                }
            }
        }
        return List.copyOf(names);
    }

    /** Changes whenever one of them is written, replaced, made or removed. */
    private static String stamp(List<Path> files) {
        StringBuilder stamp = new StringBuilder();
        for (Path file : files) {
            try {
                BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
                stamp.append(now.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS))
                        .append('/')
                        .append(now.size())
                        .append(now.fileKey());
            } catch (IOException gone) {
                stamp.append('-');
            }
            stamp.append(';');
        }
        return stamp.toString();
    }

    private void seen(Answer answer) {
        Known one = known.get(answer.app());
        if (one == null) {
            return;
        }
        one.stamp = answer.stamp();
        if (answer.names().isEmpty() || answer.names().get().equals(one.names)) {
            return;
        }
        one.names = answer.names().get();
        if (!one.names.isEmpty()) {
            int count = one.names.size();
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put(
                    "message",
                    answer.app() + ": " + count + (count == 1 ? " variable differs" : " variables differ")
                            + " from what is on disk: "
                            + String.join(", ", one.names.subList(0, Math.min(MOST_NAMED, count)))
                            + (count > MOST_NAMED ? ", …" : ""));
            fields.put("names", one.names);
            fields.put("hint", "bulkhead env " + answer.app() + " --diff");
            chronicle.tellApp("env.drift", answer.app(), fields);
        }
    }
}
