package io.bulkhead.story;

import io.bulkhead.core.ExitCause;
import io.bulkhead.core.Words;
import java.util.ArrayList;
import java.util.List;

/** Turns a death into an incident: one sentence, the evidence for it, and what to do. */
public final class Explanation {

    /** Begins the lines of evidence that the program wrote itself. */
    public static final String OUTPUT = "log: ";

    /** Begins a finding that says who held connections: told only of a death that is about these. */
    public static final String CONNECTIONS = "connections to ";

    private static final int MOST_OUTPUT = 20;

    private Explanation() {}

    /**
     * @param findings what was found out about the run before its end
     * @param since when the incident began, milliseconds since 1970
     */
    public static Incident of(Death death, List<String> findings, long since) {
        Rule rule = rule(death.report().cause());
        List<String> advice = rule.advice(death);
        String hint = death.report().hint();
        return Incident.of(
                since,
                death.app().name(),
                death.told().instance().index(),
                death.report().cause().word(),
                summary(death),
                evidence(death, findings, rule),
                advice.isEmpty() && !hint.isEmpty() ? List.of(hint) : advice);
    }

    private static Rule rule(ExitCause cause) {
        return switch (cause) {
            case OOM_LIMIT -> new OutOfLimit();
            case OOM_HOST -> new OutOfHostMemory();
            case HEAP_LIMIT -> new HeapFull();
            case KILLED_BY_OTHER -> new KilledByStranger();
            case KILLED_BY_US -> new NotInTime();
            case EXITED, SIGNAL -> new EndedItself();
            case UNKNOWN -> new NotKnown();
            case UNHEALTHY -> new NotWell();
            case DRAINED, STOPPED -> death -> List.of();
        };
    }

    private static String summary(Death death) {
        String consequence = death.told().consequence();
        boolean counted = death.told().times() == 1 || consequence.contains("times in a row");
        return death.app().name() + ": " + death.report().detail()
                + (counted ? "" : " (" + death.told().times() + " times)")
                + (consequence.isEmpty() ? "" : "; " + consequence);
    }

    private static List<String> evidence(Death death, List<String> findings, Rule rule) {
        List<String> evidence = new ArrayList<>();
        evidence.add(ending(death));
        long peak = death.exit().memoryPeakBytes();
        long limit = death.exit().memoryLimitBytes();
        if (peak > 0) {
            evidence.add(
                    "memory: peak " + Words.bytes(peak) + (limit > 0 ? ", limit " + Words.bytes(limit) : ", no limit"));
        }
        evidence.addAll(rule.evidence(death));
        for (String finding : findings) {
            if (!finding.startsWith(CONNECTIONS) || EndedItself.lacksConnections(death)) {
                evidence.add(finding);
            }
        }
        List<String> output = death.output();
        for (String line : output.subList(Math.max(0, output.size() - MOST_OUTPUT), output.size())) {
            evidence.add(OUTPUT + line);
        }
        return evidence;
    }

    /** Such as "run x-3 of api/0, pid 812, was ended by SIGKILL after 3.4 s". */
    private static String ending(Death death) {
        String how = !death.report().signal().isEmpty()
                ? "was ended by " + death.report().signal()
                : death.exit().code().isPresent()
                        ? "exited with code " + death.exit().code().getAsInt()
                        : "ended";
        return "run " + death.told().run() + " of " + death.told().instance()
                + (death.told().pid() > 0 ? ", pid " + death.told().pid() + "," : "") + " " + how + " after "
                + Words.time(death.told().livedMillis());
    }
}
