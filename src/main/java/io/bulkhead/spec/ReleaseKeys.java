package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.Release;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Whole;
import io.bulkhead.spec.Scalars.Word;
import io.bulkhead.spec.Several.Many;
import java.time.Duration;
import java.util.Map;

/** How a new release comes into force. */
final class ReleaseKeys {

    private static final Key<Duration> WATCH = Key.of(
                    "watch",
                    Off.or(Durations.type(Duration.ZERO, Duration.ofDays(1)), Duration.ZERO),
                    "Time for which new runs are watched after a reload or apply; 0 or off: not.")
            .standard("2m");
    private static final Key<Boolean> ROLLBACK = Key.of(
                    "rollback",
                    choice(
                            "auto or off",
                            new Mapped<>(Word.of("auto"), word -> true),
                            new Mapped<>(Off.TYPE, word -> false)),
                    "Whether it goes back by itself.")
            .standard("auto");

    static final Key<Values> RELEASE = Key.of(
            "release",
            new Section(
                    "release",
                    true,
                    Key.of("build", new Many<>(AppTypes.COMMAND, true, 0), "Commands that build a release.")
                            .notYet(),
                    Key.of("build_memory", Sizes.type(MemoryKeys.LEAST, true), "Memory of the build.")
                            .notYet(),
                    Key.of("keep", new Whole(1, 1000), "Releases kept.").notYet(),
                    Key.of("shared", AppTypes.FILES, "Files and folders all releases share.")
                            .notYet(),
                    WATCH,
                    ROLLBACK),
            "How deploy builds and switches.");

    private ReleaseKeys() {}

    static Release bind(Values app, Scope scope) {
        Values written = app.get(RELEASE).orElse(Values.empty(app.place()));
        return new Release(written.get(WATCH, scope), written.get(ROLLBACK, scope));
    }

    /** What the key reads back. */
    static Map<String, Object> source(Release release) {
        return Json.of(
                WATCH.name(), Durations.text(release.watch()), ROLLBACK.name(), release.rollback() ? "auto" : "off");
    }
}
