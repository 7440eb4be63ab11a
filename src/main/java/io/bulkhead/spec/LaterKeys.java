package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Text;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Scalars.Whole;
import io.bulkhead.spec.Scalars.Word;
import io.bulkhead.spec.Several.Many;
import io.bulkhead.spec.Several.Named;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The keys of an app that are read and checked today and carried out by a later version. */
final class LaterKeys {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Type<Duration> TIME = Durations.type(Duration.ofMillis(1), DAY);
    static final Key<List<Listens.Address>> LISTEN = Key.of(
                    "listen", Listens.TYPE, "Addresses it serves: a port, HOST:PORT, the path of a socket, or a list.")
            .foreign("port", "ports", "expose")
            .notYet();
    static final Key<Values> HEALTHCHECK = Key.of(
                    "healthcheck", HealthKeys.SECTION, "How it is asked whether it is well.")
            .notYet();
    static final Key<String> ON_UNHEALTHY = Key.of(
                    "on_unhealthy", Word.of("replace", "report"), "What follows when it is not well.")
            .notYet();
    static final Key<List<String>> WATCH = Key.of(
                    "watch", AppTypes.FILES, "Folders and files whose change restarts it.")
            .notYet();
    static final Key<Map<String, Integer>> CONNECTIONS = Key.of(
                    "connections",
                    new Named<>("SERVICE: NUMBER", Names.THING, new Whole(0, 1_000_000), true),
                    "Connections it may hold, all instances together.")
            .notYet();
    static final Key<Values> QUEUE = Key.of(
                    "queue",
                    new Section(
                            "queue",
                            true,
                            Key.of("bullmq", new Text("the name of a queue", 256), "A BullMQ queue."),
                            Key.of("redis", new Text("the name of an external", 64), "The external it lives in.")),
                    "A queue whose depth is shown and alerted on.")
            .notYet();
    static final Key<Values> CHECKS = Key.of(
                    "checks",
                    new Section(
                            "checks",
                            true,
                            Key.of(
                                    "node",
                                    new Text("a range of versions such as \">=20 <25\"", 100),
                                    "Versions of Node."),
                            Key.of("files", AppTypes.FILES, "Files that must exist."),
                            Key.of("writable", AppTypes.FILES, "Folders it must be able to write to."),
                            Key.of("disk_free", Sizes.type(0, false), "Free disk wanted."),
                            Key.of("lockfile", new Flag(), "Whether node_modules must match the lock file."),
                            Key.of("modules", new Flag(), "Whether every dependency must be installed."),
                            Key.of("free_memory", Sizes.type(0, false), "Free memory wanted.")),
                    "What must hold before it starts.")
            .notYet();
    static final Key<Values> RELEASE = Key.of(
                    "release",
                    new Section(
                            "release",
                            true,
                            Key.of("build", new Many<>(AppTypes.COMMAND, true, 0), "Commands that build a release."),
                            Key.of("build_memory", Sizes.type(MemoryKeys.LEAST, true), "Memory of the build."),
                            Key.of("keep", new Whole(1, 1000), "Releases kept."),
                            Key.of("shared", AppTypes.FILES, "Files and folders all releases share."),
                            Key.of("watch", Durations.type(Duration.ZERO, DAY), "Time a new release is watched."),
                            Key.of(
                                    "rollback",
                                    choice("auto or off", Word.of("auto"), Off.TYPE),
                                    "Whether it goes back by itself.")),
                    "How deploy builds and switches.")
            .notYet();

    private LaterKeys() {}

    /** What {@code healthcheck} may say. */
    private static final class HealthKeys {

        private static final Type<String> FAILURES = new Told<>(
                "failures of checks such as 3/5",
                (scalar, scope) -> failures(scalar.text()),
                Json.of("type", "string", "pattern", "^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$"));

        private static final Type<String> STATUS = new Told<>(
                "codes such as 200 or 200-399",
                (scalar, scope) -> status(scalar.text()),
                Schemas.anyOf(
                        Json.of("type", "integer", "minimum", 100, "maximum", 599),
                        Json.of("type", "string", "pattern", "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$")));

        static final Section SECTION = new Section(
                "healthcheck",
                true,
                Key.of("http", new Text("a path such as /health, or a URL", 2048), "Asks over HTTP."),
                Key.of("tcp", Listens.ENDPOINT, "Connects."),
                Key.of("exec", AppTypes.COMMAND, "Runs a command."),
                Key.of(
                        "test",
                        new Many<>(AppTypes.ARGUMENT, true, 1),
                        "Compose's form: [CMD, …], [CMD-SHELL, TEXT] or text."),
                Key.of("status", STATUS, "Codes that are well; by default 200-299."),
                Key.of("interval", TIME, "Time between two checks."),
                Key.of("timeout", TIME, "Time one check may take."),
                Key.of("retries", new Whole(1, 1000), "Failures in a row that count."),
                Key.of("failures", FAILURES, "Failures of the last checks that count, instead of retries."),
                Key.of("start_period", Durations.type(Duration.ZERO, DAY), "Time in which failures do not count."),
                Key.of("start_timeout", TIME, "Time in which it must become well."));

        private static Parsed<String> failures(String text) {
            int slash = text.indexOf('/');
            int some = slash < 0 ? 0 : number(text.substring(0, slash));
            int all = slash < 0 ? 0 : number(text.substring(slash + 1));
            return some >= 1 && all >= some
                    ? Parsed.good(text)
                    : Parsed.bad("wants failures of checks such as 3/5, not " + Words.quoted(text));
        }

        private static Parsed<String> status(String text) {
            int dash = text.indexOf('-');
            int from = number(dash < 0 ? text : text.substring(0, dash));
            int to = dash < 0 ? from : number(text.substring(dash + 1));
            return from >= 100 && to >= from && to <= 599
                    ? Parsed.good(text)
                    : Parsed.bad("wants codes such as 200 or 200-399, not " + Words.quoted(text));
        }

        /** Up to three digits that begin with no zero, else -1. */
        private static int number(String text) {
            boolean wrong = text.isEmpty() || text.length() > 3 || text.charAt(0) == '0';
            int value = 0;
            for (int i = 0; i < text.length() && !wrong; i++) {
                wrong = text.charAt(i) < '0' || text.charAt(i) > '9';
                value = value * 10 + text.charAt(i) - '0';
            }
            return wrong ? -1 : value;
        }
    }
}
