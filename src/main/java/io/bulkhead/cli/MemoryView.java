package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.List;

/** {@code memory [APP]}: who uses how much of what, where it leads, and what would fit. */
final class MemoryView {

    private final Session session;
    private final Screen out;

    MemoryView(Session session) {
        this.session = session;
        this.out = session.out();
    }

    int run() throws IOException, Failure {
        String app = session.parsed().first();
        Object document = session.document(app.isEmpty() ? "/v1/memory" : "/v1/memory?app=" + Client.encode(app));
        if (session.json()) {
            return session.printJson(document);
        }
        print(out, Doc.of(document), app.isEmpty());
        out.flush();
        return 0;
    }

    /** @param everything whether the host's side is told too */
    static void print(Screen out, Doc memory, boolean everything) {
        List<Doc> apps = memory.docs("apps");
        if (apps.isEmpty()) {
            out.line("no apps: bulkhead apply takes them from bulkhead.yaml");
        } else {
            table(out, apps).print(out);
        }
        if (everything) {
            pools(out, memory.docs("pools"));
            host(out, memory.doc("host"), memory.doc("budget"));
        }
        List<Doc> findings = memory.docs("findings");
        if (!findings.isEmpty()) {
            out.line("");
            Findings.print(out, findings);
        }
    }

    private static Table table(Screen out, List<Doc> apps) {
        Table table = new Table()
                .column("app", false, 100)
                .column("inst", true, 60)
                .column("now", false, 99)
                .column("peak", true, 80)
                .column("limit", true, 90)
                .column("drain at", true, 50)
                .column("headroom", true, 55)
                .column("fits", true, 70)
                .column("trend", false, 95)
                .column("kept by", false, 40)
                .column("pool", false, 30);
        for (Doc app : apps) {
            for (Doc instance : app.docs("instances")) {
                row(out, table, app, instance);
            }
        }
        return table;
    }

    private static void row(Screen out, Table table, Doc app, Doc instance) {
        long used = instance.number("memory_bytes", -1);
        long limit = app.number("memory_limit_bytes", -1);
        long mark = app.number("memory_drain_bytes", -1);
        table.row(
                out.paint(Colour.BOLD, Text.safe(app.text("name"))),
                Text.safe(instance.text("index")),
                now(out, used, limit, mark),
                bytes(instance.number("memory_peak_bytes", -1)),
                bytes(limit),
                mark > 0 ? Words.bytes(mark) : limit > 0 ? "off" : "-",
                headroom(out, app),
                bytes(app.number("recommended_bytes", -1)),
                trend(out, instance),
                Text.safe(instance.has("memory_enforcement") ? instance.text("memory_enforcement") : "-"),
                Text.safe(app.text("pool")));
    }

    private static String now(Screen out, long used, long limit, long mark) {
        if (used < 0) {
            return "-";
        }
        String figure = Words.bytes(used);
        if (!out.terminal()) {
            return figure;
        }
        return limit > 0
                ? MemoryBar.of(out, used, limit, mark) + " " + figure
                : " ".repeat(MemoryBar.CELLS + 1) + figure;
    }

    private static String bytes(long bytes) {
        return bytes > 0 ? Words.bytes(bytes) : "-";
    }

    private static String headroom(Screen out, Doc app) {
        if (!app.has("headroom_percent")) {
            return "-";
        }
        double headroom = app.decimal("headroom_percent", 0);
        String text = Words.decimal(headroom, 0) + "%";
        return headroom < app.decimal("memory_buffer_percent", 0) ? out.paint(Colour.YELLOW, text) : text;
    }

    private static String trend(Screen out, Doc instance) {
        String words = trend(instance);
        return instance.text("trend").equals("leak") ? out.paint(Colour.RED, words) : words;
    }

    /** {@code flat}, {@code +12M/h}, {@code +12M/h, reaches the limit in 43 min}. */
    static String trend(Doc instance) {
        String pace = "+" + Words.bytes(instance.number("trend_bytes_per_hour", 0)) + "/h";
        return switch (instance.text("trend")) {
            case "flat" -> "flat";
            case "growing" -> pace;
            case "leak" ->
                instance.has("limit_in_seconds")
                        ? pace + ", reaches the limit in " + span(instance.number("limit_in_seconds", 0))
                        : pace + ", leaks";
            default -> "-";
        };
    }

    private static String span(long seconds) {
        long minutes = (seconds + 30) / 60;
        return minutes < 120 ? minutes + " min" : Words.duration(seconds);
    }

    private static void pools(Screen out, List<Doc> pools) {
        if (pools.isEmpty()) {
            return;
        }
        out.line("");
        Table table = new Table()
                .column("pool", false, 100)
                .column("now", false, 90)
                .column("limit", true, 95)
                .column("apps", false, 50);
        for (Doc pool : pools) {
            long used = pool.number("memory_bytes", 0);
            long limit = pool.number("memory_limit_bytes", 0);
            table.row(
                    out.paint(Colour.BOLD, Text.safe(pool.text("name"))),
                    now(out, used, limit, -1),
                    bytes(limit),
                    Text.safe(String.join(", ", pool.texts("apps"))));
        }
        table.print(out);
    }

    private static void host(Screen out, Doc host, Doc budget) {
        String swap = host.number("swap_bytes", 0) > 0
                ? "; swap " + Words.bytes(host.number("swap_bytes", 0) - host.number("swap_free_bytes", 0)) + " of "
                        + Words.bytes(host.number("swap_bytes", 0)) + " used"
                : "; no swap";
        out.line("");
        out.line("host: " + Words.bytes(host.number("memory_bytes", -1)) + " of RAM, "
                + Words.bytes(host.number("available_bytes", -1)) + " available, reserve "
                + Words.bytes(host.number("reserve_bytes", -1)) + ", outside of the apps "
                + Words.bytes(host.number("outside_bytes", -1)) + swap);
        if (!budget.flag("over")) {
            // Over budget it stands below, as the evidence of a finding.
            out.line("budget:");
            for (String line : budget.texts("sum")) {
                out.line("  " + Text.safe(line));
            }
        }
    }
}
