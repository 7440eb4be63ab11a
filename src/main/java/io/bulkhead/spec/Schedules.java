package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.Schedule;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Scalars.Word;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Optional;

/** {@code schedule}: when an app is restarted, or a one-shot started. */
final class Schedules {

    private static final Type<String> TIMES = new Told<>(
            "five fields of crontab such as \"0 4 * * *\"",
            (scalar, scope) -> switch (Cron.parse(scalar.text(), scope.host().zone())) {
                case Parsed.Good<Cron> good -> Parsed.good(scalar.text());
                case Parsed.Bad<Cron>(String message, Optional<String> hint, int offset) ->
                    new Parsed.Bad<>(message, hint, offset);
            },
            Json.of("type", "string", "pattern", "^\\s*(@[A-Za-z]+|\\S+(\\s+\\S+){4})\\s*$"));

    private static final Type<ZoneId> ZONE = new Told<>(
            "a time zone such as Europe/Berlin",
            (scalar, scope) -> zone(scalar.text()),
            Json.of("type", "string", "minLength", 1));

    static final Key<String> RESTART = Key.of("restart", TIMES, "Restarts the running app at these times.");
    static final Key<String> START = Key.of("start", TIMES, "Starts a one-shot at these times.");
    static final Key<String> OVERLAP = Key.of(
                    "overlap", Word.of("skip", "queue"), "What a start does while the last run is still running.")
            .standard("skip");
    static final Key<ZoneId> TIMEZONE = Key.of("timezone", ZONE, "The zone of the times; by default the host's.")
            .foreign("tz");

    static final Section SECTION =
            new Section("schedule", false, RESTART, START, OVERLAP, TIMEZONE).needing("restart", "start");

    private Schedules() {}

    /** What was written; its two ways exclude each other. */
    static Optional<Schedule> bind(Values values, Scope scope) {
        ZoneId zone = values.get(TIMEZONE).orElse(scope.host().zone());
        Optional<Cron> restart =
                values.get(RESTART).flatMap(text -> Cron.parse(text, zone).found());
        Optional<Cron> start =
                values.get(START).flatMap(text -> Cron.parse(text, zone).found());
        if (restart.isPresent() && start.isPresent()) {
            return scope.wrong(
                    values.place(START),
                    "\"schedule\" has both \"restart\" and \"start\"",
                    "keep restart for a program that runs on, start for one that ends by itself");
        }
        if (restart.isPresent()) {
            if (values.has(OVERLAP)) {
                scope.problems()
                        .error(values.place(OVERLAP), "\"overlap\" has a meaning only with \"start\"", "remove it");
            }
            return Optional.of(new Schedule.RestartAt(restart.get()));
        }
        if (!values.attempted(START) && !values.attempted(RESTART)) {
            return scope.wrong(values.place(), "\"schedule\" wants \"restart\" or \"start\"");
        }
        boolean queue = values.get(OVERLAP, scope).equals("queue");
        return start.map(cron -> new Schedule.StartAt(cron, queue));
    }

    private static Parsed<ZoneId> zone(String text) {
        try {
            return Parsed.good(ZoneId.of(text));
        } catch (DateTimeException unknown) {
            return Parsed.bad(
                    0, "names no time zone: " + Words.quoted(text), "write a name such as Europe/Berlin or UTC");
        }
    }
}
