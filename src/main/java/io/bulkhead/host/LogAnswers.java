package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.core.AppView;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.Target;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Answers {@code logs}: which files are meant, which lines of them, and who wrote each. Runs on the api's threads. */
final class LogAnswers {

    private static final int DEFAULT_LINES = 20;
    private static final int MOST_LINES = 1_000_000;

    /** One log and the words that stand before its lines. */
    record Voice(LogFile file, String label) {}

    private final AppLogs logs;
    private final DaemonLog daemonLog;

    LogAnswers(AppLogs logs, DaemonLog daemonLog) {
        this.logs = logs;
        this.daemonLog = daemonLog;
    }

    /** The logs of what {@code target} names among {@code apps}. */
    List<Voice> voices(List<AppView> apps, Target target, boolean errorsOnly) {
        List<Voice> voices = new ArrayList<>();
        for (AppView app : apps) {
            if (target.app().isPresent() && !target.app().get().equals(app.name())) {
                continue;
            }
            for (InstanceView instance : app.instances()) {
                if (target.instance().isEmpty()
                        || target.instance().getAsInt() == instance.id().index()) {
                    String label = app.spec().instances() == 1
                            ? app.name()
                            : instance.id().toString();
                    List<LogFile> files = logs.all(instance.id(), app.spec());
                    (errorsOnly ? List.of(files.getLast()) : files).forEach(file -> voices.add(new Voice(file, label)));
                }
            }
        }
        return voices;
    }

    void write(List<Voice> voices, Map<String, String> query, OutputStream out) throws IOException, ApiException {
        boolean prefix = on(query, "prefix");
        List<String> labels = new ArrayList<>();
        for (Voice voice : voices) {
            labels.add(prefix ? voice.label + "| " : "");
        }
        LogReader reader = new LogReader(voices.stream().map(Voice::file).toList(), query(query));
        try {
            reader.copyTo(new LogPrinter(out, labels));
        } catch (InterruptedException clientLeft) {
            Thread.currentThread().interrupt();
        }
    }

    /** Likewise the daemon's own log, whose lines bear their times. */
    void writeDaemons(Map<String, String> query, OutputStream out) throws IOException, ApiException {
        LogQuery wanted = query(query);
        LogPrinter printer = new LogPrinter(out, List.of(""));
        try {
            new LogReader(List.of(daemonLog), wanted)
                    .copyTo(
                            wanted.since().isPresent()
                                    ? new Since(wanted.since().getAsLong(), printer)
                                    : printer);
        } catch (InterruptedException clientLeft) {
            Thread.currentThread().interrupt();
        }
    }

    /** Passes on what comes from a line on that is not older; there is no index of times here. */
    private static final class Since implements LogSink {

        private final long millis;
        private final LogSink then;
        private boolean reached;

        Since(long millis, LogSink then) {
            this.millis = millis;
            this.then = then;
        }

        @Override
        public void line(int input, byte[] text, int offset, int length) throws IOException {
            reached |= LogLines.timeOf(text, offset, length) >= millis;
            if (reached) {
                then.line(input, text, offset, length);
            }
        }

        @Override
        public void flush() throws IOException {
            then.flush();
        }
    }

    static boolean on(Map<String, String> query, String flag) {
        return query.containsKey(flag) && !"0".equals(query.get(flag));
    }

    private static LogQuery query(Map<String, String> query) throws ApiException {
        OptionalLong since = since(query.getOrDefault("since", ""));
        OptionalInt last = lines(query.getOrDefault("n", ""), since.isPresent());
        return new LogQuery(last, since, pattern(query.getOrDefault("grep", "")), on(query, "follow"));
    }

    private static OptionalInt lines(String text, boolean sinceGiven) throws ApiException {
        if (text.isEmpty()) {
            return sinceGiven ? OptionalInt.empty() : OptionalInt.of(DEFAULT_LINES);
        }
        try {
            int lines = Integer.parseInt(text);
            if (lines >= 0 && lines <= MOST_LINES) {
                return OptionalInt.of(lines);
            }
        } catch (NumberFormatException e) {
            // answered below, like a number out of bounds
        }
        throw new ApiException(2, "bad-request", "-n takes a number from 0 to " + MOST_LINES + ", not " + text, "");
    }

    private static OptionalLong since(String text) throws ApiException {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Instant.parse(text).toEpochMilli());
        } catch (DateTimeParseException noInstant) {
            return OptionalLong.of(System.currentTimeMillis() - back(text).toMillis());
        }
    }

    private static Duration back(String text) throws ApiException {
        try {
            // 1h30m, 10m, 45s: the forms of the configuration are those of ISO 8601 without PT; days come first there.
            String upper = text.toUpperCase(java.util.Locale.ROOT);
            return upper.endsWith("D")
                    ? Duration.ofDays(Long.parseLong(upper.substring(0, upper.length() - 1)))
                    : Duration.parse("PT" + upper);
        } catch (DateTimeParseException | NumberFormatException unreadable) {
            throw new ApiException(
                    2,
                    "bad-request",
                    "--since " + text + " is no time",
                    "write how far back (10m, 1h30m, 2d) or a time such as 2026-11-21T23:00:00Z");
        }
    }

    private static Optional<Pattern> pattern(String text) throws ApiException {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Pattern.compile(text));
        } catch (PatternSyntaxException wrong) {
            throw new ApiException(
                    2, "bad-request", "--grep " + text + ": " + wrong.getDescription(), "it is a regular expression");
        }
    }
}
