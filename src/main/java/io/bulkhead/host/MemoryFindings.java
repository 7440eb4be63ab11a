package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.core.Forecast;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Finding.Severity;
import java.util.ArrayList;
import java.util.List;

/** What should be done about the memory of an app that runs, out of its part of {@code memory --json}. */
final class MemoryFindings {

    private static final long MIB = 1L << 20;

    /** A limit is called generous only after a whole day: nights and mornings differ. */
    private static final int HOURS_BEFORE_LESS = 24;

    private final Doc app;
    private final List<Finding> findings = new ArrayList<>();

    private MemoryFindings(Doc app) {
        this.app = app;
    }

    static List<Finding> of(Doc app) {
        MemoryFindings look = new MemoryFindings(app);
        for (Doc instance : app.docs("instances")) {
            look.leak(instance);
        }
        look.enforcement();
        if (app.has("memory_limit_bytes")) {
            look.headroom();
        } else {
            look.noLimit();
        }
        return look.findings;
    }

    private void leak(Doc instance) {
        if (!instance.text("trend").equals(Forecast.Kind.LEAK.word())) {
            return;
        }
        long minutes = (instance.number("limit_in_seconds", 0) + 30) / 60;
        String end = instance.has("limit_in_seconds") ? " and reaches its limit in " + minutes + " min" : "";
        add(
                "memory-leak",
                Severity.WARNING,
                "instance " + instance.text("index") + " leaks: what is left after collections grows by "
                        + size(instance.number("trend_bytes_per_hour", 0)) + " an hour" + end,
                app.has("memory_drain_bytes")
                        ? "it is replaced at its drain mark of " + size(app.number("memory_drain_bytes", 0))
                                + "; for the cause: node: {leak_profile: on-drain}, then bulkhead why " + name()
                        : "restart it when it suits: bulkhead restart " + name());
    }

    private void enforcement() {
        for (Doc instance : app.docs("instances")) {
            if (instance.text("memory_enforcement").equals("sampled")) {
                add(
                        "memory-enforcement",
                        Severity.WARNING,
                        "its limit is sampled, not enforced by the kernel",
                        "bulkhead doctor says why");
                return;
            }
        }
    }

    private void noLimit() {
        String fitting = app.has("recommended_bytes")
                ? "memory: " + size(app.number("recommended_bytes", 0)) + " would fit what it has used so far"
                : "write memory";
        add("memory-limit", Severity.WARNING, "it has no memory limit: a leak in it takes the whole host", fitting);
    }

    private void headroom() {
        if (!app.has("headroom_percent")) {
            return;
        }
        long limit = app.number("memory_limit_bytes", 0);
        double headroom = app.decimal("headroom_percent", 0);
        if (headroom < app.decimal("memory_buffer_percent", 0)) {
            add(
                    "memory-headroom",
                    Severity.WARNING,
                    "its peak of " + size(app.number("memory_peak_bytes", 0)) + " leaves " + Math.round(headroom)
                            + " % of headroom below its limit of " + size(limit) + ", memory_buffer asks for "
                            + Math.round(app.decimal("memory_buffer_percent", 0)) + " %",
                    app.has("recommended_bytes")
                            ? "memory: " + size(app.number("recommended_bytes", 0)) + " would fit"
                            : "it was ended there, so how much it would need is not known: bulkhead why " + name());
        } else if (app.has("recommended_bytes")
                && app.number("observed_hours", 0) >= HOURS_BEFORE_LESS
                && limit > 2 * app.number("recommended_bytes", 0)) {
            add(
                    "memory-headroom",
                    Severity.INFO,
                    "its limit of " + size(limit) + " is more than twice what it needs",
                    "memory: " + size(app.number("recommended_bytes", 0)) + " would do");
        }
    }

    private String name() {
        return app.text("name");
    }

    private void add(String check, Severity severity, String message, String fix) {
        findings.add(new Finding(name(), check, severity, message, List.of(), fix));
    }

    private static String size(long bytes) {
        return Math.ceilDiv(bytes, MIB) + "M";
    }
}
