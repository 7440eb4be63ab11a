package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Scalars.Whole;
import io.bulkhead.spec.Scalars.Word;
import io.bulkhead.spec.Several.Many;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How an app is asked whether it is well. */
final class HealthKeys {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Type<Duration> TIME = Durations.type(Duration.ofMillis(1), DAY);

    private static final Key<String> HTTP = Key.of(
            "http",
            new Told<>(
                    "a path such as /health, or a URL",
                    (scalar, scope) -> target(scalar.text()),
                    Json.of("type", "string", "pattern", "^(/|http://[^/\\s])[^\\s]*$", "maxLength", 2048)),
            "Asks over HTTP.");
    private static final Key<Listen> TCP = Key.of("tcp", Listens.ENDPOINT, "Connects.");
    private static final Key<Command> EXEC = Key.of("exec", AppTypes.COMMAND, "Runs a command.");
    private static final Key<List<String>> TEST = Key.of(
            "test",
            new Many<>(AppTypes.ARGUMENT, true, 1),
            "Compose's form: [CMD, …], [CMD-SHELL, TEXT], [NONE] or text.");
    private static final Key<Boolean> DISABLE = Key.of("disable", new Flag(), "Compose's word for off.");
    private static final Key<Codes> STATUS = Key.of(
                    "status",
                    new Told<>(
                            "codes such as 200 or 200-399",
                            (scalar, scope) -> status(scalar.text()),
                            Schemas.anyOf(
                                    Json.of("type", "integer", "minimum", 100, "maximum", 599),
                                    Json.of("type", "string", "pattern", "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$"))),
                    "Codes that are well.")
            .standard("200-299");
    private static final Key<Duration> INTERVAL =
            Key.of("interval", TIME, "Time between two checks.").standard("10s");
    private static final Key<Duration> TIMEOUT =
            Key.of("timeout", TIME, "Time one check may take.").standard("2s");
    private static final Key<Integer> RETRIES = Key.of("retries", new Whole(1, 1000), "Failures in a row that count.")
            .standard("3");
    private static final Key<Share> FAILURES = Key.of(
            "failures",
            new Told<>(
                    "failures of checks such as 3/5",
                    (scalar, scope) -> failures(scalar.text()),
                    Json.of("type", "string", "pattern", "^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$")),
            "Failures of the last checks that count, instead of retries.");
    private static final Key<Duration> START_PERIOD = Key.of(
                    "start_period", Durations.type(Duration.ZERO, DAY), "Time in which failures do not count.")
            .standard("30s");
    private static final Key<Duration> START_TIMEOUT = Key.of(
                    "start_timeout", TIME, "Time in which a replacement must become ready.")
            .standard("60s");

    static final Section SECTION = new Section(
            "healthcheck",
            false,
            HTTP,
            TCP,
            EXEC,
            TEST,
            DISABLE,
            STATUS,
            INTERVAL,
            TIMEOUT,
            RETRIES,
            FAILURES,
            START_PERIOD,
            START_TIMEOUT);

    static final Key<Values> HEALTHCHECK =
            Key.of("healthcheck", new OffOrSection(), "How it is asked whether it is well.");
    static final Key<String> ON_UNHEALTHY = Key.of(
                    "on_unhealthy", Word.of("replace", "report"), "What follows when it is not well.")
            .standard("replace");

    private record Codes(int from, int to) {}

    private record Share(int some, int all) {}

    private HealthKeys() {}

    /** Empty also where what is written is wrong, which is reported. */
    static Optional<HealthCheck> bind(Values app, Scope scope, List<Listen> listen, Command program) {
        Optional<Values> written = app.get(HEALTHCHECK);
        if (written.isEmpty() || written.get().get(DISABLE).orElse(false)) {
            return Optional.empty();
        }
        Values values = written.get();
        Optional<Probe> probe = new ProbeChoice(values, scope, listen, program).probe();
        if (values.has(RETRIES) && values.has(FAILURES)) {
            scope.wrong(
                    values.place(FAILURES),
                    "\"healthcheck\" has both \"retries\" and \"failures\"",
                    "keep retries for failures in a row, failures for some of the last checks");
        }
        Share share =
                values.get(FAILURES).orElseGet(() -> new Share(values.get(RETRIES, scope), values.get(RETRIES, scope)));
        boolean replace = app.get(ON_UNHEALTHY, scope).equals("replace");
        return probe.map(found -> new HealthCheck(
                found,
                values.get(INTERVAL, scope),
                values.get(TIMEOUT, scope),
                share.some,
                share.all,
                values.get(START_PERIOD, scope),
                values.get(START_TIMEOUT, scope),
                replace));
    }

    /** Warns of {@code on_unhealthy} where nothing is asked. */
    static void warnWithoutCheck(Values own, Problems problems) {
        if (own.has(ON_UNHEALTHY) && !own.attempted(HEALTHCHECK)) {
            problems.warning(
                    own.keyPlace(ON_UNHEALTHY),
                    "\"on_unhealthy\" has no effect without \"healthcheck\"",
                    "write healthcheck as well, or remove it");
        }
    }

    /** What {@link #HEALTHCHECK} reads back. */
    static Map<String, Object> source(HealthCheck check) {
        Map<String, Object> all = new LinkedHashMap<>();
        switch (check.probe()) {
            case Probe.Http(String target, int from, int to) -> {
                all.put(HTTP.name(), target);
                all.put(STATUS.name(), from + "-" + to);
            }
            case Probe.Tcp(Listen address) -> all.put(TCP.name(), address.text());
            case Probe.Exec(Command command) -> all.put(EXEC.name(), AppSource.command(command));
        }
        all.put(INTERVAL.name(), Durations.text(check.interval()));
        all.put(TIMEOUT.name(), Durations.text(check.timeout()));
        if (check.failures() == check.window()) {
            all.put(RETRIES.name(), check.failures());
        } else {
            all.put(FAILURES.name(), check.failures() + "/" + check.window());
        }
        all.put(START_PERIOD.name(), Durations.text(check.startPeriod()));
        all.put(START_TIMEOUT.name(), Durations.text(check.startTimeout()));
        return all;
    }

    /** Which of the ways to ask was written; one, and one that can tell something. */
    private record ProbeChoice(Values values, Scope scope, List<Listen> listen, Command program) {

        Optional<Probe> probe() {
            List<Key<?>> written = new ArrayList<>();
            for (Key<?> key : List.of(HTTP, TCP, EXEC, TEST)) {
                if (values.attempted(key)) {
                    written.add(key);
                }
            }
            if (written.isEmpty()) {
                return scope.wrong(
                        values.place(),
                        "\"healthcheck\" wants \"http\", \"tcp\" or \"exec\"",
                        "write how it is asked, such as http: /health");
            }
            if (written.size() > 1) {
                return scope.wrong(
                        values.keyPlace(written.get(1)),
                        "\"healthcheck\" has both "
                                + Words.quoted(written.get(0).name()) + " and "
                                + Words.quoted(written.get(1).name()),
                        "keep one of the two");
            }
            if (values.has(STATUS) && !values.attempted(HTTP)) {
                return scope.wrong(values.place(STATUS), "\"status\" has a meaning only with \"http\"", "remove it");
            }
            return values.get(HTTP)
                    .<Optional<Probe>>map(this::http)
                    .or(() -> values.get(TCP).map(this::tcp))
                    .or(() -> values.get(EXEC).map(command -> Optional.of(new Probe.Exec(command))))
                    .or(() -> values.get(TEST).map(this::test))
                    .flatMap(found -> found);
        }

        private Optional<Probe> http(String target) {
            if (target.startsWith("/") && listen.isEmpty()) {
                return scope.wrong(
                        values.place(HTTP),
                        "\"http: " + target + "\" is asked at the address under \"listen\", which is not set",
                        "write listen as well, or a whole URL such as http://127.0.0.1:3000" + target);
            }
            Codes codes = values.get(STATUS, scope);
            return Optional.of(new Probe.Http(target, codes.from, codes.to));
        }

        private Optional<Probe> tcp(Listen address) {
            for (Listen own : listen) {
                if (own.clashes(address) && held(own)) {
                    return scope.wrong(
                            values.place(TCP),
                            "\"tcp: " + address.text()
                                    + "\" always succeeds: Bulkhead itself holds that socket, also with no process behind it",
                            "ask over http, or by a command: exec");
                }
            }
            return Optional.of(new Probe.Tcp(address));
        }

        private boolean held(Listen own) {
            return switch (own.handover()) {
                case NEVER -> false;
                case ALWAYS -> true;
                case AUTO -> Programs.takeSockets(program);
            };
        }

        private Optional<Probe> test(List<String> words) {
            boolean text = values.node(TEST).orElse(null) instanceof Node.Scalar;
            String first = words.getFirst();
            if (text || (first.equals("CMD-SHELL") && words.size() == 2)) {
                return Optional.of(new Probe.Exec(new Command(List.of("/bin/sh", "-c", words.getLast()), true)));
            }
            if (first.equals("CMD") && words.size() > 1) {
                return Optional.of(new Probe.Exec(new Command(List.copyOf(words.subList(1, words.size())), false)));
            }
            return first.equals("NONE") && words.size() == 1
                    ? Optional.empty()
                    : scope.wrong(
                            values.place(TEST),
                            "\"test\" wants a list that begins with CMD, CMD-SHELL or NONE",
                            "such as [CMD, curl, -f, \"http://localhost\"]");
        }
    }

    /** {@code healthcheck: off} too; an app's keys are laid over those of {@code defaults}. */
    private record OffOrSection() implements Type<Values> {

        @Override
        public Optional<Values> read(Node node, Scope scope) {
            if (!Off.TYPE.fits(node)) {
                return SECTION.read(node, scope);
            }
            Values off = Values.empty(node.place());
            off.put(DISABLE, true, node);
            return Optional.of(off);
        }

        @Override
        public boolean fits(Node node) {
            return Off.TYPE.fits(node) || SECTION.fits(node);
        }

        @Override
        public String wants() {
            return SECTION.wants() + ", or off";
        }

        @Override
        public Map<String, Object> schema() {
            return Schemas.anyOf(Off.TYPE.schema(), SECTION.schema());
        }

        @Override
        public Values over(Values base, Values own) {
            return base.has(DISABLE) && !own.has(DISABLE) ? own : SECTION.over(base, own);
        }
    }

    private static Parsed<String> target(String text) {
        boolean blank = false;
        for (int i = 0; i < text.length(); i++) {
            blank |= text.charAt(i) <= ' ' || text.charAt(i) == 0x7f || Character.isWhitespace(text.charAt(i));
        }
        boolean url = text.startsWith("http://") && text.length() > 7 && text.charAt(7) != '/';
        if (text.startsWith("https://")) {
            return Parsed.bad(
                    0,
                    "is asked without TLS, not at " + Words.quoted(text),
                    "write the program's own address over http, or a command: exec");
        }
        return blank || text.length() > 2048 || !(text.startsWith("/") || url)
                ? Parsed.bad(
                        0,
                        "wants a path such as /health, or a URL, not " + Words.quoted(text),
                        "begin it with / or http://, without blanks")
                : Parsed.good(text);
    }

    private static Parsed<Share> failures(String text) {
        int slash = text.indexOf('/');
        int some = slash < 0 ? 0 : number(text.substring(0, slash));
        int all = slash < 0 ? 0 : number(text.substring(slash + 1));
        return some >= 1 && all >= some
                ? Parsed.good(new Share(some, all))
                : Parsed.bad("wants failures of checks such as 3/5, not " + Words.quoted(text));
    }

    private static Parsed<Codes> status(String text) {
        int dash = text.indexOf('-');
        int from = number(dash < 0 ? text : text.substring(0, dash));
        int to = dash < 0 ? from : number(text.substring(dash + 1));
        return from >= 100 && to >= from && to <= 599
                ? Parsed.good(new Codes(from, to))
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
