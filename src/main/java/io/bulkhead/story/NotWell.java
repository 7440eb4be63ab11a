package io.bulkhead.story;

import java.util.List;

/** Its checks failed, and it was replaced. */
final class NotWell implements Rule {

    /** How --trace-sigint of Node begins its stack. */
    private static final String STACK = "KEYBOARD_INTERRUPT";

    @Override
    public List<String> advice(Death death) {
        for (int i = 0; i + 1 < death.output().size(); i++) {
            if (death.output().get(i).contains(STACK)) {
                return List.of("it was computing " + death.output().get(i + 1).strip()
                        + ": move such work to a worker_thread, or into pieces with setImmediate between them");
            }
        }
        return List.of(
                "bulkhead logs " + death.app().name() + " --since 10m shows what it did before",
                "if the check asks a database or another service, name that under externals: then its absence replaces nothing");
    }
}
