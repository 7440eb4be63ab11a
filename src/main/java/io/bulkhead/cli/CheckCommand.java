package io.bulkhead.cli;

/** {@code check}: every problem of a configuration. */
final class CheckCommand {

    private final Session session;

    CheckCommand(Session session) {
        this.session = session;
    }

    int run() throws Failure {
        throw Failure.of(1, "not-available-yet", "bulkhead check is not available yet", ConfigPlace.of(session).toString());
    }
}
