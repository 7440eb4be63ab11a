package io.bulkhead.story;

import java.nio.file.Path;
import java.util.Map;

/** A program of its own that records, then says what it sees; with a second argument it is then killed in the midst of things. */
final class HistoryProgram {

    private HistoryProgram() {}

    public static void main(String[] arguments) throws Exception {
        History history = History.open(Path.of(arguments[0]), System::currentTimeMillis);
        history.record(StoryEvent.of(System.currentTimeMillis(), "started", "api", 0, "", Map.of()));
        System.out.println(history.events(0, 10, "api").size() + " event, problem: " + history.problem());
        if (arguments.length > 1) {
            history.follow(event -> System.out.println(event.seq()));
            while (true) {
                history.record(StoryEvent.of(System.currentTimeMillis(), "tick", "api", 0, "", Map.of()));
                history.lastSeq();
            }
        }
        history.close();
    }
}
