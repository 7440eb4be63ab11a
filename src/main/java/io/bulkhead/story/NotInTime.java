package io.bulkhead.story;

import io.bulkhead.core.Words;
import java.util.List;

/** {@code killed-by-us}: it was asked to end and did not. */
final class NotInTime implements Rule {

    @Override
    public List<String> advice(Death death) {
        String grace = Words.time(death.app().stop().grace().toMillis());
        return List.of("let it end on its stop signal; if it needs longer than " + grace
                + " for what it has in hand, raise `stop_grace_period`");
    }
}
