package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.InstanceView;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All of one app, for {@code show}: its status, the settings in force with secrets masked, its logs and last exits. */
final class ShowDocument {

    private final StatusDocument status;
    private final AppLogs logs;

    ShowDocument(StatusDocument status, AppLogs logs) {
        this.status = status;
        this.logs = logs;
    }

    Map<String, @Nullable Object> of(AppView view) {
        Map<String, @Nullable Object> document = status.app(view);
        document.put("origin", view.origin().name().toLowerCase(Locale.ROOT));
        document.put("settings", settings(view));
        document.put("environment", Masking.of(view.spec(), view.spec().environment()));
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
