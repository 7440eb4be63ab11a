package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Word;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** When a run of an app counts as ready. */
final class ReadyKeys {

    private static final Duration MOMENT = Duration.ofSeconds(1);

    static final Key<Ready> READY = Key.of(
            "ready",
            choice(
                    "listen, health, notify, message, or a time such as 5s",
                    new Mapped<>(Word.of("listen", "health", "notify", "message"), ReadyKeys::ofWord),
                    new Mapped<>(Durations.type(Duration.ZERO, Duration.ofHours(1)), Ready.After::new)),
            "When it counts as ready; by default health, listen or 1s: the first that it has.");

    private ReadyKeys() {}

    static Ready bind(Values app, Scope scope, List<Listen> listen, Optional<HealthCheck> health) {
        Optional<Ready> written = app.get(READY);
        if (written.isEmpty()) {
            return health.isPresent()
                    ? new Ready.Healthy()
                    : listen.isEmpty() ? new Ready.After(MOMENT) : new Ready.Listening();
        }
        if (written.get() instanceof Ready.Healthy && health.isEmpty() && !app.attempted(HealthKeys.HEALTHCHECK)) {
            scope.wrong(
                    app.place(READY),
                    "\"ready: health\" is judged by \"healthcheck\", which is not set",
                    "write healthcheck as well, such as healthcheck: {http: /health}");
        }
        if (written.get() instanceof Ready.Listening && listen.isEmpty() && !app.attempted(ListenKeys.LISTEN)) {
            scope.wrong(
                    app.place(READY),
                    "\"ready: listen\" is judged by \"listen\", which is not set",
                    "write where it listens as well, such as listen: 3000");
        }
        return written.get();
    }

    /** What the key reads back. */
    static String source(Ready ready) {
        return switch (ready) {
            case Ready.After(Duration time) -> Durations.text(time);
            case Ready.Listening l -> "listen";
            case Ready.Healthy h -> "health";
            case Ready.Notified n -> "notify";
            case Ready.Messaged m -> "message";
        };
    }

    private static Ready ofWord(String word) {
        return switch (word) {
            case "listen" -> new Ready.Listening();
            case "health" -> new Ready.Healthy();
            case "notify" -> new Ready.Notified();
            default -> new Ready.Messaged();
        };
    }
}
