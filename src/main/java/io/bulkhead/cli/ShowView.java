package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code show APP}: all of one app. */
final class ShowView {

    private static final int MARGIN = 24;

    private final Session session;
    private final Screen out;

    ShowView(Session session) {
        this.session = session;
        this.out = session.out();
    }

    int run() throws IOException, Failure {
        Object document =
                session.document("/v1/apps/" + Client.encode(session.parsed().first()));
        if (session.json()) {
            return session.printJson(document);
        }
        print(Doc.of(document));
        out.flush();
        return 0;
    }

    private void print(Doc app) {
        String state = app.text("state");
        out.line(out.paint(Colour.BOLD, Text.safe(app.text("name"))) + "  "
                + out.paint(Colour.ofState(state), Text.safe(state)));
        field("came from", app.text("origin") + (app.has("file") ? " " + app.text("file") : ""));
        for (String file : app.texts("log")) {
            field("log", file);
        }
        for (String file : app.texts("env_files")) {
            field("env file", file);
        }
        field("env file", app.text("env_file_problem"));
        for (String warning : app.texts("warnings")) {
            field("warning", warning);
        }
        out.line("");
        new StatusView(out, System.currentTimeMillis() / 1000)
                .table(List.of(app))
                .print(out);
        for (Doc instance : app.docs("instances")) {
            if (!instance.text("reason").isEmpty()) {
                out.line("  " + instance.text("index") + ": " + Text.safe(instance.text("reason")));
            }
        }
        health(app.docs("instances"));
        memory(app.doc("memory"));
        node(app);
        section("Settings in force", app.doc("settings"));
        section("Environment", app.doc("environment"));
        section("Environment from env files, as they are now", app.doc("env_file_environment"));
        exits(app.docs("exits"));
    }

    private void health(List<Doc> instances) {
        boolean titled = false;
        for (Doc instance : instances) {
            Doc health = instance.doc("health");
            if (!health.has("words") && instance.text("says").isEmpty()) {
                continue;
            }
            if (!titled) {
                titled = true;
                out.line("").line(out.paint(Colour.BOLD, "Health"));
            }
            String index = instance.text("index");
            field(index + " says", instance.text("says"));
            if (health.has("words")) {
                field(
                        index + (health.flag("well") ? " well" : " not well"),
                        health.text("words") + " (" + Clock.local(health.text("checked")) + ", so since "
                                + Clock.local(health.text("since")) + ")");
            }
        }
    }

    private void memory(Doc memory) {
        long limit = memory.number("memory_limit_bytes", 0);
        long peak = memory.number("memory_peak_bytes", 0);
        if (limit + peak == 0) {
            return;
        }
        out.line("").line(out.paint(Colour.BOLD, "Memory"));
        field("limit", limit > 0 ? Words.bytes(limit) : "none");
        if (limit > 0) {
            long mark = memory.number("memory_drain_bytes", 0);
            field("drained at", mark > 0 ? Words.bytes(mark) : "off");
        }
        if (peak > 0) {
            String headroom = memory.has("headroom_percent")
                    ? ", headroom " + Words.decimal(memory.decimal("headroom_percent", 0), 0) + "%"
                    : "";
            field("peak", Words.bytes(peak) + headroom);
        }
        if (memory.has("recommended_bytes")) {
            field("would fit", Words.bytes(memory.number("recommended_bytes", 0)));
        }
        for (Doc instance : memory.docs("instances")) {
            if (!instance.text("trend").equals("too-early")) {
                field("trend of " + instance.text("index"), MemoryView.trend(instance));
            }
        }
    }

    /** What V8 may use, and who decided it. */
    private void node(Doc app) {
        if (!app.has("node")) {
            return;
        }
        out.line("").line(out.paint(Colour.BOLD, "Node"));
        field("runs", app.doc("node").text("runs"));
        long limit = app.number("heap_limit_bytes", 0);
        field("heap limit", (limit > 0 ? Words.bytes(limit) + ", " : "") + "from " + app.text("heap_limit_from"));
        for (Doc process : app.doc("node").docs("processes")) {
            field(
                    "process " + process.text("pid"),
                    Words.bytes(process.number("heap_used_bytes", 0)) + " of "
                            + Words.bytes(process.number("heap_limit_bytes", 0))
                            + " of heap in use (each worker thread has its own besides)");
        }
        for (String note : app.doc("node").texts("notes")) {
            field("note", note);
        }
    }

    private void section(String title, Doc members) {
        if (members.members().isEmpty()) {
            return;
        }
        out.line("").line(out.paint(Colour.BOLD, title));
        for (Map.Entry<String, @Nullable Object> member : members.members().entrySet()) {
            Object value = member.getValue();
            field(member.getKey(), value instanceof String text ? text : Json.write(value));
        }
    }

    private void exits(List<Doc> exits) {
        if (exits.isEmpty()) {
            return;
        }
        out.line("").line(out.paint(Colour.BOLD, "Last exits"));
        for (Doc exit : exits) {
            String what =
                    exit.has("signal") ? exit.text("signal") : exit.has("code") ? "code " + exit.text("code") : "";
            out.line("  " + Clock.local(exit.text("time")) + "  " + Text.safe(exit.text("cause"))
                    + (what.isEmpty() ? "" : " (" + Text.safe(what) + ")")
                    + (exit.text("detail").isEmpty() ? "" : "  " + Text.safe(exit.text("detail"))));
        }
    }

    private void field(String name, String value) {
        if (!value.isEmpty()) {
            String label = "  " + Text.safe(name);
            out.line(out.paint(Colour.DIM, label)
                    + " ".repeat(Math.max(2, MARGIN - Text.width(label)))
                    + Text.safe(value));
        }
    }
}
