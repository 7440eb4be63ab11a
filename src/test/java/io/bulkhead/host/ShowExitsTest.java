package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Tale;
import io.bulkhead.story.StoryEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShowExitsTest {

    @Test
    void exitsAreShownNewestFirstAndNothingElse() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        ShowDocument.addExits(
                document,
                List.of(
                        exited(1000, Map.of("cause", "exited", "code", 3L, "detail", "exited with code 3")),
                        StoryEvent.of(2000, Tale.STARTING, "a", 0, "r2", Map.of("cause", "restart")),
                        exited(3000, Map.of("cause", "killed", "signal", "SIGKILL", "detail", "killed"))));

        assertThat(document.get("exits").toString())
                .isEqualTo(
                        "[{time=1970-01-01T00:00:03Z, instance=0, cause=killed, code=null, signal=SIGKILL, detail=killed},"
                                + " {time=1970-01-01T00:00:01Z, instance=0, cause=exited, code=3, signal=null,"
                                + " detail=exited with code 3}]");
    }

    @Test
    void withoutAnyTheLastExitOfEachInstanceStays() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>(Map.of("exits", List.of("last")));
        ShowDocument.addExits(document, List.of());
        assertThat(document).containsEntry("exits", List.of("last"));
    }

    private static StoryEvent exited(long millis, Map<String, Object> fields) {
        return StoryEvent.of(millis, Tale.EXITED, "a", 0, "r1", fields);
    }
}
