package io.bulkhead.guard;

import io.bulkhead.json.Json;
import io.bulkhead.spec.External;
import io.bulkhead.spec.ServiceUrl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks databases who they are and who is connected, all at once. Answers with a view a line. */
public final class ServicesJob implements Job {

    public static final String NAME = "services";

    /** Of the whole child: its start, and the longest time of one database. */
    public static final int MILLIS = 8_000;

    /** The request for those of {@code externals} that have a url; empty when none has. */
    public static Map<String, Object> request(Iterable<External> externals) {
        Map<String, Object> urls = new LinkedHashMap<>();
        for (External external : externals) {
            external.url().ifPresent(url -> urls.put(external.name(), url.text()));
        }
        return urls.isEmpty() ? Map.of() : Json.of("urls", urls);
    }

    @Override
    public void run(Map<String, @Nullable Object> request, Consumer<Map<String, ?>> answer)
            throws IOException, InterruptedException {
        if (!(request.get("urls") instanceof Map<?, ?> urls)) {
            throw new IOException("no url to ask");
        }
        List<Callable<ServerView>> questions = new ArrayList<>();
        urls.forEach((name, text) -> ServiceUrl.of(String.valueOf(text))
                .ifPresent(url -> questions.add(() -> ServiceAsk.ask(String.valueOf(name), url))));
        for (Future<ServerView> view : Checks.sideBySide(questions, Duration.ofMillis(MILLIS))) {
            if (view.state() == Future.State.SUCCESS) {
                answer.accept(view.resultNow().toMap());
            }
        }
    }
}
