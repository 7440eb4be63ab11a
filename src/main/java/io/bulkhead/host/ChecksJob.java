package io.bulkhead.host;

import io.bulkhead.guard.Checks;
import io.bulkhead.guard.Job;
import io.bulkhead.json.Json;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecSource;
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
                "ours",
                List.copyOf(question.ours()));
    }

    @Override
    public void run(Map<String, @Nullable Object> request, Consumer<Map<String, ?>> answer)
            throws InterruptedException {
        Spec spec = SpecSource.restore(request.get("spec"));
        Set<String> skipped = texts(request.get("skip"));
        Set<String> unknown = new LinkedHashSet<>(skipped);
        unknown.removeAll(Checks.names());
        if (!unknown.isEmpty()) {
            answer.accept(Json.of("unknown", List.copyOf(unknown), "known", List.copyOf(Checks.names())));
            return;
        }
        AppChecks.Question question = new AppChecks.Question(
                spec,
                texts(request.get("apps")),
                skipped,
                environment(request.get("environment")),
                numbers(request.get("ours")));
        for (Finding finding : AppChecks.of(question, (done, of) -> {})) {
            answer.accept(finding.toMap());
        }
    }

    private static Set<String> texts(@Nullable Object value) {
        Set<String> texts = new LinkedHashSet<>();
        if (value instanceof Collection<?> all) {
            all.forEach(one -> texts.add(String.valueOf(one)));
        }
        return texts;
    }

    private static Set<Integer> numbers(@Nullable Object value) {
        Set<Integer> numbers = new HashSet<>();
        if (value instanceof Collection<?> all) {
            for (Object one : all) {
                if (one instanceof Number number) {
                    numbers.add(number.intValue());
                }
            }
        }
        return numbers;
    }

    private static Map<String, String> environment(@Nullable Object value) {
        Map<String, String> environment = new HashMap<>();
        if (value instanceof Map<?, ?> all) {
            all.forEach((name, text) -> environment.put(String.valueOf(name), String.valueOf(text)));
        }
        return environment;
    }
}
