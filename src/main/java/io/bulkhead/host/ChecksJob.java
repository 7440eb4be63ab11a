package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.guard.Checks;
import io.bulkhead.guard.Job;
import io.bulkhead.json.Json;
import io.bulkhead.spec.SpecSource;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The checks of some apps, asked by the daemon. Answers with a finding a line. */
public final class ChecksJob implements Job {

    static final String NAME = "checks";

    /** A member of a finding: whether a start would fail for it. */
    static final String PREVENTS = "prevents";

    /** Names of a request's {@code skip} that are no checks; then {@link #KNOWN} has those that are, and nothing was looked at. */
    static final String UNKNOWN = "unknown";

    static final String KNOWN = "known";

    /** The request for {@code question}. */
    static Map<String, Object> request(AppChecks.Question question) {
        return Json.of(
                "spec",
                SpecSource.of(question.spec()),
                "apps",
                List.copyOf(question.apps()),
                "skip",
                List.copyOf(question.skipped()),
                "environment",
                question.environment(),
                "daemon",
                question.daemon(),
                "ours",
                List.copyOf(question.ours()),
                "held",
                List.copyOf(question.held()),
                "patience_ms",
                question.patience().toMillis(),
                "in_full",
                question.inFull(),
                "servers",
                question.servers());
    }

    /** What to say of such an answer. */
    static String unknown(Doc answer) {
        return "--skip " + String.join(", ", answer.texts(UNKNOWN)) + ": there is no such check; they are "
                + String.join(", ", answer.texts(KNOWN));
    }

    @Override
    public void run(Map<String, @Nullable Object> request, Consumer<Map<String, ?>> answer)
            throws InterruptedException {
        AppChecks.Question question = question(request);
        Set<String> unknown = new LinkedHashSet<>(question.skipped());
        unknown.removeAll(Checks.names());
        if (!unknown.isEmpty()) {
            answer.accept(Json.of(UNKNOWN, List.copyOf(unknown), KNOWN, List.copyOf(Checks.names())));
            return;
        }
        for (AppChecks.Found found : AppChecks.of(question, (done, of) -> {})) {
            Map<String, Object> document = found.finding().toMap();
            document.put(PREVENTS, found.prevents());
            answer.accept(document);
        }
    }

    private static AppChecks.Question question(Map<String, @Nullable Object> request) {
        return new AppChecks.Question(
                SpecSource.restore(request.get("spec")),
                texts(request.get("apps")),
                texts(request.get("skip")),
                texted(request.get("environment")),
                (int) number(request.get("daemon")),
                numbers(request.get("ours")),
                texts(request.get("held")),
                Duration.ofMillis(number(request.get("patience_ms"))),
                Boolean.TRUE.equals(request.get("in_full")),
                texted(request.get("servers")));
    }

    private static Set<String> texts(@Nullable Object value) {
        Set<String> texts = new LinkedHashSet<>();
        if (value instanceof Collection<?> all) {
            all.forEach(one -> texts.add(String.valueOf(one)));
        }
        return texts;
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    private static Set<Integer> numbers(@Nullable Object value) {
        Set<Integer> numbers = new HashSet<>();
        if (value instanceof Collection<?> all) {
            all.forEach(one -> numbers.add((int) number(one)));
        }
        return numbers;
    }

    private static Map<String, String> texted(@Nullable Object value) {
        Map<String, String> texts = new HashMap<>();
        if (value instanceof Map<?, ?> all) {
            all.forEach((name, text) -> texts.put(String.valueOf(name), String.valueOf(text)));
        }
        return texts;
    }
}
