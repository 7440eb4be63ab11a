package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Commands that change what runs: each is one request, and its answer in a sentence. */
final class Verbs {

    /** Longer than a daemon needs for its last writes, even on a slow disk. */
    private static final long ENDING_NANOS = 10_000_000_000L;

    private final Session session;

    Verbs(Session session) {
        this.session = session;
    }

    /** start, stop, restart, reload, delete, reset for each app named. */
    int forApps(String verb, List<String> targets, Map<String, @Nullable Object> options) throws IOException {
        int worst = 0;
        List<@Nullable Object> outcomes = new ArrayList<>();
        for (String target : targets) {
            try {
                Doc outcome = act(
                        "/v1/apps/" + path(target) + "/" + verb,
                        options,
                        doing(verb, target),
                        new Awaited(session, target));
                worst = Math.max(worst, (int) outcome.number("exit_code", 0));
                outcomes.add(outcome.members());
                warn(outcome, List.of());
                say(outcome);
            } catch (Failure failure) {
                warn(failure.document(), List.of());
                worst = Math.max(worst, session.fail(failure));
            }
        }
        if (session.json() && !outcomes.isEmpty()) {
            session.printJson(targets.size() == 1 ? outcomes.getFirst() : outcomes);
        }
        return worst;
    }

    int signal() throws IOException, Failure {
        List<String> arguments = session.parsed().arguments();
        Map<String, @Nullable Object> options = waiting();
        options.put("signal", arguments.getFirst());
        return forApps("signal", arguments.subList(1, arguments.size()), options);
    }

    int scale() throws IOException, Failure, UsageException {
        String number = session.parsed().arguments().get(1);
        Map<String, @Nullable Object> options = waiting();
        options.put("instances", instances(number));
        return forApps("scale", session.parsed().arguments().subList(0, 1), options);
    }

    private static int instances(String text) throws UsageException {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException noNumber) {
            throw new UsageException("N is how many instances are to run, not " + text, "bulkhead scale APP N");
        }
    }

    int shutdown() throws IOException, Failure {
        Map<String, @Nullable Object> options = waiting();
        options.put("keep_apps", session.parsed().has("keep-apps"));
        Doc outcome = act("/v1/shutdown", options, "shutting down");
        if (outcome.flag("ok") && !session.parsed().has("no-wait")) {
            awaitEnd();
        }
        if (session.json()) {
            session.printJson(outcome.members());
        } else {
            say(outcome);
        }
        return (int) outcome.number("exit_code", 0);
    }

    /** The daemon removes its socket when everything is on disk, as the last thing it does. */
    private void awaitEnd() {
        long end = System.nanoTime() + ENDING_NANOS;
        while (Files.exists(session.home().socket()) && System.nanoTime() < end) {
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** The options that every verb has. */
    Map<String, @Nullable Object> waiting() {
        Map<String, @Nullable Object> options = new LinkedHashMap<>();
        options.put("wait", !session.parsed().has("no-wait"));
        return options;
    }

    /** The same for what checks are asked about first. */
    Map<String, @Nullable Object> checked() {
        Map<String, @Nullable Object> options = waiting();
        override(options);
        return options;
    }

    /** What a person said against the checks. */
    void override(Map<String, @Nullable Object> options) {
        String skipped = session.parsed().value("skip", "");
        if (!skipped.isEmpty()) {
            options.put("skip", List.of(skipped.split(",")));
        }
        if (session.parsed().has("force")) {
            options.put("force", true);
        }
    }

    /** What checks found and is more than a note. @param known what need not be said again */
    void warn(Doc outcome, List<Doc> known) throws IOException {
        if (!session.json()) {
            List<Doc> findings = new ArrayList<>(outcome.docs("findings"));
            findings.removeAll(known);
            findings.removeIf(finding -> finding.text("severity").equals("info")
                    // The failure itself says it.
                    || finding.text("evidence").isEmpty()
                            && outcome.doc("error").text("message").contains(finding.text("message")));
            Findings.print(session.err(), findings);
            session.err().flush();
        }
    }

    /** Sends one request, showing on a terminal that it goes on when it takes more than a second. */
    Doc act(String target, Map<String, @Nullable Object> options, String doing) throws IOException, Failure {
        return act(target, options, doing, new Awaited(session, "all"));
    }

    private Doc act(String target, Map<String, @Nullable Object> options, String doing, Awaited awaited)
            throws IOException, Failure {
        try (Progress progress = Progress.start(session.err(), doing, awaited);
                Reply reply = session.post(target, options)) {
            Doc outcome = Doc.of(reply.json());
            progress.close();
            return outcome;
        }
    }

    private void say(Doc outcome) throws IOException {
        if (!session.json()) {
            Text.safeLines(outcome.text("message")).forEach(session.out()::line);
            session.out().flush();
        }
    }

    /** {@code api/2} keeps its slash; whatever else is in a name is encoded. */
    static String path(String target) {
        int slash = target.indexOf('/');
        return slash < 0
                ? Client.encode(target)
                : Client.encode(target.substring(0, slash)) + "/" + Client.encode(target.substring(slash + 1));
    }

    private static String doing(String verb, String target) {
        String word = switch (verb) {
            case "stop" -> "stopping";
            case "scale" -> "scaling";
            case "reset" -> "resetting";
            case "delete" -> "deleting";
            case "signal" -> "signalling";
            default -> verb + "ing";
        };
        return word + " " + Text.safe(target);
    }
}
