package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Orders the commands under {@code hooks:}, and says what each is told. */
final class HookOrder {

    private static final Duration ROLLOUT_TIMEOUT = Duration.ofMinutes(15);

    private HookOrder() {}

    static boolean has(Run run, Hook hook) {
        return run.spec.hooks().commands().containsKey(hook);
    }

    /** Runs one that nothing waits for; nothing where the app has none. */
    static void tell(Hook hook, Run run, Map<String, String> facts, Turn turn) {
        if (has(run, hook)) {
            order(hook, run, false, facts, turn);
        }
    }

    /** Runs one that is answered by HookEnded; gives its id. */
    static long await(Hook hook, Run run, Map<String, String> facts, Turn turn) {
        return order(hook, run, true, facts, turn);
    }

    private static long order(Hook hook, Run run, boolean awaited, Map<String, String> facts, Turn turn) {
        Duration timeout = run.spec.hooks().timeout();
        long id = turn.hookId();
        turn.add(new Effect.RunHook(id, awaited, hook, run.id, run.instance.id, run.spec, facts, timeout));
        return id;
    }

    /** Runs {@code before_rollout} for the whole app; gives its id. */
    static long rollout(App app, Instance first, Cause cause, Turn turn) {
        long id = turn.hookId();
        Map<String, String> facts = Map.of("BULKHEAD_CAUSE", word(cause));
        turn.add(new Effect.RunHook(id, true, Hook.BEFORE_ROLLOUT, "", first.id, app.spec, facts, ROLLOUT_TIMEOUT));
        return id;
    }

    /** What hooks around a start are told: why, whom it follows and how that one ended. */
    static Map<String, String> ofStart(Run run) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("BULKHEAD_CAUSE", word(run.cause));
        if (run.formerPid > 0) {
            facts.put("BULKHEAD_OLD_PID", Integer.toString(run.formerPid));
        }
        if (run.pid > 0) {
            facts.put("BULKHEAD_NEW_PID", Integer.toString(run.pid));
        }
        Optional<LastExit> exit = run.instance.lastExit;
        if (run.cause == Cause.CRASH && exit.isPresent()) {
            addExit(exit.get().report(), facts);
        }
        return facts;
    }

    /** What hooks around an end are told; {@code report} once it is over. */
    static Map<String, String> ofEnd(Run run, Optional<ExitReport> report) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("BULKHEAD_CAUSE", run.ending == null ? endedBy(report) : endedBy(run));
        facts.put("BULKHEAD_OLD_PID", Integer.toString(run.pid));
        Run next = next(run);
        if (next != null && next.pid > 0) {
            facts.put("BULKHEAD_NEW_PID", Integer.toString(next.pid));
        }
        report.ifPresent(exit -> addExit(exit, facts));
        return facts;
    }

    static void addExit(ExitReport report, Map<String, String> facts) {
        report.code().ifPresent(code -> facts.put("BULKHEAD_EXIT_CODE", Integer.toString(code)));
        if (!report.signal().isEmpty()) {
            facts.put("BULKHEAD_EXIT_SIGNAL", report.signal());
        }
    }

    private static @Nullable Run next(Run run) {
        Run current = run.instance.current;
        return current == null || current == run ? run.instance.replacement : current;
    }

    private static String endedBy(Run run) {
        Run next = next(run);
        return switch (run.ending) {
            case DRAIN -> "drain";
            case SHED -> "oom";
            case UNHEALTHY, FAILED -> "unhealthy";
            case REPLACE -> next == null ? word(run.instance.nextCause) : word(next.cause);
            case STOP, ABANDON -> "stop";
            case null -> "stop";
        };
    }

    private static String endedBy(Optional<ExitReport> report) {
        return report.filter(exit -> exit.cause() == ExitCause.OOM_LIMIT).isPresent()
                ? "oom"
                : report.map(ExitReport::failure).orElse(true) ? "crash" : "exit";
    }

    static String word(Cause cause) {
        return cause.name().toLowerCase(Locale.ROOT);
    }
}
