package io.bulkhead.core;

import java.util.Optional;

/** What is to be said of the end of a run that had to go for its memory, the host's, or its health. */
final class ForcedEnds {

    private ForcedEnds() {}

    /** {@code report} with the figures that it was stopped for. */
    static ExitReport explain(Run run, ExitReport report) {
        if (run.broken.isPresent() && report.failure()) {
            return report.after(ChildKills.words(run, run.broken.get()));
        }
        if (run.ending == Run.Ending.DRAIN && run.mark.isPresent()) {
            return report.adding(run.mark.get().words());
        }
        if (run.ending == Run.Ending.UNHEALTHY) {
            return report.after("replaced because it was not well: " + run.trouble);
        }
        if (run.ending == Run.Ending.FAILED) {
            return report.after("it was to replace another run, and " + run.trouble);
        }
        return run.ending == Run.Ending.SHED ? report.adding("shed: " + run.instance.app.shedWords) : report;
    }

    /** What follows; empty where the end of the run was about something else. */
    static String consequence(Run run, Fleet fleet) {
        Instance instance = run.instance;
        if (run.ending == Run.Ending.SHED && instance.isShed()) {
            return "comes back when the host has memory again";
        }
        if (run.ending == Run.Ending.FAILED) {
            return "the run before it goes on";
        }
        if (run.ending != Run.Ending.DRAIN && run.ending != Run.Ending.UNHEALTHY) {
            return "";
        }
        return fleet.mustStop(instance)
                ? "stays stopped"
                : instance.isReady() ? "a new run had taken over" : "a new run takes over";
    }

    /** An end that is no failure, and is worth an incident all the same. */
    static Optional<ExitReport> incident(Run run, ExitReport report) {
        if (run.ending == Run.Ending.DRAIN || run.ending == Run.Ending.UNHEALTHY || run.ending == Run.Ending.FAILED) {
            return Optional.of(report);
        }
        if (run.ending != Run.Ending.SHED) {
            return Optional.empty();
        }
        String words = "shed before the kernel would have killed somebody: " + run.instance.app.shedWords;
        return Optional.of(new ExitReport(
                ExitCause.OOM_HOST,
                report.code(),
                report.signal(),
                words,
                "give every app a `memory` limit, and the host more memory than their sum; who is to stay needs a higher `priority`",
                false));
    }
}
