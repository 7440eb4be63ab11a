package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An event as a sentence: {@code worker: killed by the kernel at its limit of 128 MiB; restarted at once}. */
final class Sentence {

    private static final Set<String> NOT_SAID = Set.of("seq", "time", "type", "app", "instance", "run");

    private Sentence() {}

    /**
     * @param event a document of {@code events --json}; types and fields as core tells them
     * @param several apps with more than one instance, which are named with their number
     */
    static String of(Doc event, Set<String> several) {
        String who = who(event, several);
        String what = Text.safe(what(event));
        return who.isEmpty() ? what : who + ": " + what;
    }

    /** {@code worker}, {@code api/1}, or "" for an event of the daemon itself. */
    static String who(Doc event, Set<String> several) {
        String app = event.text("app");
        long instance = event.number("instance", -1);
        return Text.safe(app) + (instance > 0 || (instance == 0 && several.contains(app)) ? "/" + instance : "");
    }

    static Colour colour(Doc event) {
        return switch (event.text("type")) {
            case "instance.ready", "instance.recovered", "instance.well", "instance.completed" -> Colour.GREEN;
            case "instance.crashed",
                    "instance.refused",
                    "check.refused",
                    "instance.child-killed",
                    "instance.killed",
                    "app.rolled-back",
                    "app.not-rolled-back",
                    "instance.unhealthy",
                    "memory.mark",
                    "memory.drain-suspended",
                    "external.changed" -> Colour.RED;
            case "instance.exited" -> event.flag("failure") ? Colour.RED : Colour.NONE;
            case "instance.waiting",
                    "instance.not-ready",
                    "schedule.overlap",
                    "instance.kept",
                    "hook.failed",
                    "check.skipped",
                    "connections.leaked",
                    "connections.over-budget" -> Colour.YELLOW;
            default -> Colour.NONE;
        };
    }

    private static String what(Doc event) {
        if (event.has("message") && !event.text("type").equals("instance.refused")) {
            return event.text("message");
        }
        String reason = event.text("reason");
        return switch (event.text("type")) {
            case "instance.starting" -> "starting" + because(event.text("cause"));
            case "instance.ready" -> "ready" + (event.has("pid") ? ", pid " + event.text("pid") : "");
            case "instance.draining" -> "asked to stop" + bracket(reason);
            case "instance.killed" -> "did not stop in " + event.text("after_seconds") + " s, killed";
            case "instance.exited" -> joined(event.text("detail"), event.text("consequence"));
            case "instance.refused" -> joined("could not start: " + event.text("message"), event.text("consequence"));
            case "instance.waiting" -> "waits" + (reason.isEmpty() ? "" : ": " + reason);
            case "instance.crashed" -> "crashed" + (reason.isEmpty() ? "" : ": " + reason);
            case "instance.recovered" -> "runs stably again";
            case "instance.completed" -> "completed";
            case "instance.stopped" -> "stopped";
            case "instance.adopted" -> "found running, taken over, pid " + event.text("pid");
            case "instance.kept" -> "the run before goes on" + bracket(reason);
            case "memory.mark" -> joined(event.text("detail"), event.text("consequence"));
            case "memory.below-mark" -> "below its drain mark again; " + event.text("consequence");
            case "listen.other" -> joined(event.text("detail"), event.text("hint"));
            case "memory.profile" -> "who holds its memory: " + String.join("; ", event.texts("profile"));
            case "memory.drain-suspended" -> "draining is suspended: " + reason;
            case "host.short" -> "the host runs out of memory: " + reason;
            case "host.easy" -> "the host has memory to spare again";
            case "app.shed" -> "shed: " + reason;
            case "app.unshed" -> "comes back: the host has memory to spare again";
            case "schedule.due" -> "its schedule is due";
            case "schedule.overlap" ->
                "its schedule is due while it still runs: "
                        + (event.flag("queued") ? "once more afterwards" : "skipped");
            case "instance.child-killed" -> joined(event.text("detail"), event.text("consequence"));
            case "hook.done" -> event.text("hook") + " ended well after " + event.text("seconds") + " s";
            case "hook.failed" -> event.text("hook") + " failed: " + joined(reason, event.text("hint"));
            case "app.added" -> "added";
            case "app.changed" -> "changed: " + event.text("keys");
            case "app.removed" -> "removed";
            case "instance.not-ready" ->
                "not ready after " + event.text("after_seconds") + " s"
                        + (reason.isEmpty() ? "" : ", waits for " + reason);
            case "instance.unhealthy" -> "not well: " + joined(reason, event.text("consequence"));
            case "instance.well" -> "well again";
            case "health.recorded" -> "before it is replaced: " + String.join("; ", event.texts("seen"));
            case "app.scaled" -> event.text("instances") + " instances now, " + event.text("before") + " before";
            case "app.rolled-back" -> "rolled back" + bracket(reason);
            case "app.not-rolled-back" -> "not rolled back: " + joined(reason, event.text("consequence"));
            case "check.refused" -> event.text("verb") + " refused by the check " + event.text("check") + ": " + reason;
            case "check.skipped" -> skipped(event);
            case "command" -> command(event);
            case "daemon.started" ->
                "the daemon has started, version " + event.text("version") + ", pid " + event.text("pid");
            case "log.trouble" ->
                joined(event.text("file"), event.text("reason")) + " (" + event.text("dropped_bytes")
                        + " bytes of log dropped)";
            case "daemon.shutdown" -> "the daemon ends, everything is stopped";
            default -> other(event);
        };
    }

    private static String command(Doc event) {
        String what = event.text("verb") + (event.has("file") ? " " + event.text("file") : "");
        return "asked by " + event.text("by") + ": " + what
                + (event.has("summary") ? ", " + event.text("summary") : "");
    }

    private static String skipped(Doc event) {
        List<String> skipped = event.texts("skipped");
        List<String> overridden = event.texts("overridden");
        return "asked by " + event.text("by") + ": " + event.text("verb")
                + (skipped.isEmpty()
                        ? ""
                        : " without the check" + (skipped.size() == 1 ? " " : "s ") + String.join(", ", skipped))
                + (overridden.isEmpty() ? "" : " in spite of " + String.join("; ", overridden));
    }

    /** An event of a newer daemon: its type, and every field. */
    private static String other(Doc event) {
        StringBuilder out = new StringBuilder(event.text("type"));
        for (Map.Entry<String, @Nullable Object> field : event.members().entrySet()) {
            if (!NOT_SAID.contains(field.getKey())
                    && !event.text(field.getKey()).isEmpty()) {
                out.append(' ').append(field.getKey()).append('=').append(event.text(field.getKey()));
            }
        }
        return out.toString();
    }

    private static String because(String cause) {
        return switch (cause) {
            case "", "start" -> "";
            case "crash" -> " again after a crash";
            case "drain" -> " in place of the run above its drain mark";
            case "max_age" -> ", because of its age";
            case "unhealthy" -> " in place of the run that is not well";
            case "rollback" -> " as it was before";
            default -> " (" + cause + ")";
        };
    }

    private static String bracket(String reason) {
        return reason.isEmpty() ? "" : " (" + reason + ")";
    }

    private static String joined(String one, String two) {
        return one.isEmpty() ? two : two.isEmpty() ? one : one + "; " + two;
    }
}
