package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.util.List;

/** The document of {@code status --json} as a table. On every command's fastest path: no lambdas, no java.time. */
final class StatusView {

    private final Screen screen;
    private final long nowSeconds;

    StatusView(Screen screen, long nowSeconds) {
        this.screen = screen;
        this.nowSeconds = nowSeconds;
    }

    void print(Doc status) {
        header(status);
        List<Doc> apps = status.docs("apps");
        if (apps.isEmpty()) {
            screen.line(
                    "no apps: write them into bulkhead.yaml (bulkhead init makes a first one), then bulkhead apply");
            return;
        }
        table(apps).print(screen);
        notes(apps);
    }

    /** The table alone, for the live view. */
    Table table(List<Doc> apps) {
        Table table = new Table()
                .column("app", false, 100)
                .column("inst", true, 40)
                .column("state", false, 99)
                .column("pid", true, 30)
                .column("uptime", true, 60)
                .column("restarts", true, 50)
                .column("memory", false, 70)
                .column("cpu", true, 35)
                .column("last exit", false, 20);
        for (Doc app : apps) {
            List<Doc> instances = app.docs("instances");
            for (Doc instance : instances) {
                row(table, app, instance);
            }
            if (instances.isEmpty()) {
                String state = app.text("state");
                table.row(
                        screen.paint(Colour.BOLD, Text.safe(app.text("name"))),
                        "",
                        screen.paint(Colour.ofState(state), Text.safe(state)),
                        "",
                        "",
                        "",
                        "",
                        "",
                        "");
            }
        }
        return table;
    }

    private void header(Doc status) {
        Doc daemon = status.doc("daemon");
        Doc host = status.doc("host");
        StringBuilder line = new StringBuilder(100);
        line.append("bulkhead ").append(Text.safe(daemon.text("version")));
        if (daemon.has("pid")) {
            line.append(", pid ").append(daemon.number("pid", 0));
        }
        long started = Words.epochSeconds(daemon.text("started"));
        if (started >= 0) {
            line.append(", up ").append(Words.duration(Math.max(0, nowSeconds - started)));
        }
        if (daemon.has("memory_bytes")) {
            line.append(", ").append(Words.bytes(daemon.number("memory_bytes", -1)));
        }
        if (host.has("available_bytes")) {
            line.append("; host: ")
                    .append(Words.bytes(host.number("available_bytes", -1)))
                    .append(" of ")
                    .append(Words.bytes(host.number("memory_bytes", -1)))
                    .append(" available");
        }
        screen.line(screen.paint(Colour.DIM, Text.fit(line.toString(), screen.columns(), "")));
    }

    private void row(Table table, Doc app, Doc instance) {
        String state = instance.text("state");
        boolean alive = instance.number("pid", 0) > 0;
        Doc exit = instance.doc("last_exit");
        table.row(
                screen.paint(Colour.BOLD, Text.safe(app.text("name"))),
                Text.safe(instance.text("index")),
                screen.paint(Colour.ofState(state), Text.safe(state)),
                alive ? instance.text("pid") : "-",
                alive ? Words.duration(instance.number("uptime_seconds", -1)) : "-",
                Long.toString(instance.number("restarts", 0)),
                alive
                        ? memory(
                                instance.number("memory_bytes", -1),
                                app.number("memory_limit_bytes", -1),
                                app.number("memory_drain_bytes", -1))
                        : "-",
                alive && instance.has("cpu_percent") ? Words.decimal(instance.decimal("cpu_percent", 0), 1) + "%" : "-",
                exit(exit));
    }

    private String exit(Doc exit) {
        if (!exit.has("cause")) {
            return "";
        }
        String cause = exit.text("cause");
        String what = cause;
        if (cause.equals("exited") && exit.has("code")) {
            what = "exited " + exit.text("code");
        } else if (cause.equals("signal") && exit.has("signal")) {
            what = exit.text("signal");
        }
        String ago = Words.ago(exit.text("time"), nowSeconds);
        return Text.safe(what) + (ago.isEmpty() ? "" : " " + ago);
    }

    /** {@code ███▌     61M/128M}, the bar only where somebody sees it. */
    private String memory(long used, long limit, long mark) {
        if (used < 0) {
            return "-";
        }
        String figures = Words.bytes(used) + (limit > 0 ? "/" + Words.bytes(limit) : "");
        if (limit <= 0) {
            return screen.terminal() ? " ".repeat(MemoryBar.CELLS + 1) + figures : figures;
        }
        return screen.terminal() ? MemoryBar.of(screen, used, limit, mark) + " " + figures : figures;
    }

    private void health(String which, Doc instance) {
        Doc health = instance.doc("health");
        boolean said = instance.text("reason").contains(health.text("words"));
        if (health.has("words") && !health.flag("well") && !said) {
            long since = Math.max(0, nowSeconds - Words.epochSeconds(health.text("since")));
            screen.line(which + ": " + screen.paint(Colour.YELLOW, "not well") + " for " + Words.duration(since) + ": "
                    + Text.safe(health.text("words")));
        }
    }

    /** What the table cannot say: reasons of states, limits that nobody enforces. */
    private void notes(List<Doc> apps) {
        for (Doc app : apps) {
            String name = Text.safe(app.text("name"));
            List<Doc> instances = app.docs("instances");
            String enforcement = "";
            for (Doc instance : instances) {
                if (instance.has("reason") && !instance.text("reason").isEmpty()) {
                    String which = instances.size() > 1 ? name + "/" + instance.text("index") : name;
                    screen.line(which + ": " + Text.safe(instance.text("reason")));
                }
                health(instances.size() > 1 ? name + "/" + instance.text("index") : name, instance);
                enforcement = instance.text("memory_enforcement");
            }
            int drifted = app.texts("environment_drift").size();
            if (drifted > 0) {
                screen.line(name + ": "
                        + screen.paint(
                                Colour.YELLOW,
                                Words.count(drifted, "variable") + (drifted == 1 ? " differs" : " differ"))
                        + " from what is on disk: bulkhead env " + name + " --diff");
            }
            if (app.number("memory_limit_bytes", 0) > 0 && enforcement.equals("sampled")) {
                screen.line(
                        name + ": its memory limit is sampled, not enforced by the kernel (bulkhead doctor says why)");
            } else if (app.number("memory_limit_bytes", 0) > 0 && enforcement.equals("none")) {
                screen.line(name + ": its memory limit is not enforced here (bulkhead doctor says why)");
            }
        }
    }
}
