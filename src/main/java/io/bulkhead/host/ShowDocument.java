package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Tale;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.story.StoryEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All of one app, for {@code show}: its status, the settings in force with secrets masked, its logs and last exits. */
final class ShowDocument {

    private static final int MOST_EXITS = 10;

    private final StatusDocument status;
    private final MemoryDocument memory;
    private final AppLogs logs;

    ShowDocument(StatusDocument status, MemoryDocument memory, AppLogs logs) {
        this.status = status;
        this.memory = memory;
        this.logs = logs;
    }

    /** @param configuration the file that was applied last */
    Map<String, @Nullable Object> of(AppView view, Path configuration) {
        Map<String, @Nullable Object> document = status.app(view);
        document.put("origin", view.origin().name().toLowerCase(Locale.ROOT));
        if (view.origin() == Origin.FILE) {
            document.put("file", configuration.toString());
        }
        document.put("memory", memory.app(view));
        document.put("settings", settings(view));
        document.put("environment", Masking.of(view.spec(), view.spec().environment()));
        document.put(
                "env_files", view.spec().envFiles().stream().map(Path::toString).toList());
        List<Object> files = new ArrayList<>();
        List<Object> exits = new ArrayList<>();
        for (InstanceView instance : view.instances()) {
            for (LogFile file : logs.all(instance.id(), view.spec())) {
                files.add(file.path().toString());
            }
            instance.lastExit().ifPresent(exit -> exits.add(StatusDocument.exit(exit)));
        }
        document.put("log", files);
        document.put("exits", exits);
        document.put("warnings", warnings(view));
        return document;
    }

    /** What env files bring besides, as the next start would read them. Waits for the disk: not on the loop. */
    static void addEnvFiles(Map<String, @Nullable Object> document, AppSpec app) {
        Map<String, Object> brought = new LinkedHashMap<>();
        try {
            Map<String, String> read = ProgramEnvironment.ofFiles(app);
            read.keySet().removeAll(app.environment().keySet());
            brought.putAll(Masking.of(app, read));
        } catch (LaunchRefused unreadable) {
            document.put("env_file_problem", unreadable.refusal().message());
        }
        document.put("env_file_environment", brought);
    }

    /** The last exits, newest first, where {@code newest} events of the app (oldest first) tell of any. */
    static void addExits(Map<String, @Nullable Object> document, List<StoryEvent> newest) {
        List<Object> exits = new ArrayList<>();
        for (StoryEvent event : newest.reversed()) {
            if (event.type().equals(Tale.EXITED) && exits.size() < MOST_EXITS) {
                Map<String, @Nullable Object> exit = new LinkedHashMap<>();
                exit.put("time", StatusDocument.time(event.timeMillis()));
                exit.put("instance", event.instance());
                for (String field : List.of("cause", "code", "signal", "detail")) {
                    exit.put(field, event.fields().get(field));
                }
                exits.add(exit);
            }
        }
        if (!exits.isEmpty()) {
            document.put("exits", exits);
        }
    }

    /** As in bulkhead.yaml, every default filled in; the environment stands apart, masked. */
    private static Map<String, @Nullable Object> settings(AppView view) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        if (parse(view.spec().source()) instanceof Map<?, ?> source) {
            source.forEach((key, value) -> {
                if (!key.equals("environment")) {
                    settings.put((String) key, value);
                }
            });
        }
        return settings;
    }

    private static @Nullable Object parse(String source) {
        try {
            return Json.readTrusted(source);
        } catch (JsonException ours) {
            throw new IllegalStateException(ours);
        }
    }

    private static List<Object> warnings(AppView view) {
        List<Object> warnings = new ArrayList<>();
        if (view.spec().user().isEmpty() && "root".equals(System.getProperty("user.name"))) {
            warnings.add("it runs as root: set user");
        }
        if (view.spec().limits().memory().isEmpty()) {
            warnings.add("it has no memory limit: set memory");
        }
        return warnings;
    }
}
