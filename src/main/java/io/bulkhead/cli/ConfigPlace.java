package io.bulkhead.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Which configuration a command means: {@code -f}, else {@code ./bulkhead.yaml}, else the home's. */
final class ConfigPlace {

    private ConfigPlace() {}

    /** Absolute; it need not exist. */
    static Path of(Session session) {
        return of(session.parsed().value("file", ""), session);
    }

    static Path of(String named, Session session) {
        Path directory = session.caller().directory();
        if (!named.isEmpty()) {
            return directory.resolve(named).normalize();
        }
        Path here = directory.resolve("bulkhead.yaml");
        return Files.exists(here) ? here : session.home().config();
    }
}
