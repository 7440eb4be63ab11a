package io.bulkhead.host;

import io.bulkhead.api.Doc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is around the apps, as the doctor judges it: from the documents that other commands show in full. */
final class DoctorAround {

    /** Of one kind: the rest is counted. */
    private static final int MOST = 5;

    private final List<DoctorFinding> findings = new ArrayList<>();

    List<DoctorFinding> findings() {
        return List.copyOf(findings);
    }

    /**
     * @param rows of {@code ports --json}
     * @param running whether a daemon runs: without one it is no wonder that apps do not listen
     */
    DoctorAround ports(Object rows, boolean running) {
        int needed = 0;
        int well = 0;
        List<DoctorFinding> bad = new ArrayList<>();
        List<DoctorFinding> tunnels = new ArrayList<>();
        int hidden = 0;
        for (Doc row : Doc.list(rows)) {
            boolean wanted = row.has("external") || !row.texts("needed_by").isEmpty();
            String state = row.text("state");
            hidden += row.has("pid")
                            || state.equals("missing")
                            || row.text("family").equals("unix")
                    ? 0
                    : 1;
            boolean stopped = state.equals("missing")
                    && !row.has("external")
                    && (!running || row.text("reason").endsWith("stopped"));
            if (wanted && !stopped) {
                needed++;
                well += state.equals("ok") ? 1 : 0;
            }
            String tunnel = row.text("tunnel");
            String place = place(row);
            if (row.text("kind").equals("orphan-tunnel")) {
                tunnels.add(DoctorFinding.warning(
                        "tunnels",
                        place + " is held by an ssh that nobody minds any more (pid " + row.text("pid") + ")",
                        row.text("reason"),
                        "kill " + row.text("pid")));
            } else if (tunnel.equals("suspect") || tunnel.equals("abandoned-login")) {
                tunnels.add(new DoctorFinding(
                        "tunnels",
                        "info",
                        "ssh on " + place + ": " + row.text("reason"),
                        "pid " + row.text("pid"),
                        ""));
            } else if (wanted && !stopped && !state.equals("ok")) {
                String whom = row.has("external") ? row.text("external") : String.join(", ", row.texts("needed_by"));
                bad.add(DoctorFinding.warning(
                        row.has("external") ? "externals" : "ports",
                        whom + ": " + (row.text("reason").contains(place) ? "" : place + ": ") + row.text("reason"),
                        row.has("pid") ? "pid " + row.text("pid") + ", user " + row.text("user") : "",
                        "bulkhead ports"));
            }
        }
        add(bad, "ports");
        add(tunnels, "tunnels");
        if (bad.isEmpty() && needed > 0) {
            findings.add(DoctorFinding.ok(
                    "ports", well + " of " + needed + " addresses that are needed have their owner", ""));
        }
        if (hidden > 0) {
            findings.add(new DoctorFinding(
                    "ports",
                    "info",
                    hidden + (hidden == 1 ? " listener" : " listeners")
                            + " of other users or containers: who they are cannot be seen from here",
                    "what processes of other users have open may not be read",
                    ""));
        }
        return this;
    }

    private static String place(Doc row) {
        return switch (row.text("family")) {
            case "unix" -> row.text("address");
            case "ipv6" -> "[" + row.text("address") + "]:" + row.text("port");
            default -> row.text("address") + ":" + row.text("port");
        };
    }

    /** @param rows of {@code processes --json} */
    DoctorAround processes(Object rows) {
        List<DoctorFinding> copies = new ArrayList<>();
        List<DoctorFinding> unmanaged = new ArrayList<>();
        List<DoctorFinding> pools = new ArrayList<>();
        Map<String, Integer> managers = new TreeMap<>();
        for (Doc row : Doc.list(rows)) {
            String what = row.text("process") + " (pid " + row.text("pid") + ", user " + row.text("user") + ")";
            String manager = row.text("manager");
            if (row.has("duplicate_of")) {
                copies.add(DoctorFinding.warning(
                        "processes",
                        what + " is a second copy of the app " + row.text("duplicate_of") + ", outside of Bulkhead",
                        row.text("command"),
                        row.text("stop")));
            } else if (manager.equals("none")) {
                unmanaged.add(new DoctorFinding(
                        "processes",
                        "info",
                        what + " runs and nobody restarts it: " + row.text("command"),
                        "",
                        row.text("stop")));
            } else {
                managers.merge(manager, 1, Integer::sum);
            }
            for (Doc pool : row.docs("pools")) {
                pool(pool, pools);
            }
        }
        add(copies, "processes");
        add(pools, "php-fpm");
        add(unmanaged, "processes");
        managers.forEach((manager, count) -> findings.add(new DoctorFinding(
                "managers",
                "info",
                manager + " runs " + count + (count == 1 ? " program" : " programs")
                        + " of node or php: bulkhead processes",
                "",
                "")));
        return this;
    }

    private static void pool(Doc pool, List<DoctorFinding> into) {
        Doc status = pool.doc("status");
        long reached = status.number("max_children_reached", 0);
        long queue = status.number("listen_queue", 0);
        if (reached > 0 || queue > 0) {
            into.add(DoctorFinding.warning(
                    "php-fpm",
                    "the pool " + pool.text("name") + " has reached pm.max_children (" + pool.text("max_children")
                            + ") " + reached + " times, and " + queue + " requests wait now",
                    pool.text("listen"),
                    "raise pm.max_children if the memory allows it, or find out what its requests wait for"));
        } else if (pool.has("problem")) {
            into.add(new DoctorFinding(
                    "php-fpm",
                    "info",
                    "the pool " + pool.text("name") + ": " + pool.text("problem"),
                    "",
                    pool.text("fix")));
        }
    }

    /** @param status of {@code status --json} */
    DoctorAround apps(Object status) {
        int instances = 0;
        List<DoctorFinding> bad = new ArrayList<>();
        List<DoctorFinding> drift = new ArrayList<>();
        List<Doc> apps = Doc.of(status).docs("apps");
        for (Doc app : apps) {
            String name = app.text("name");
            for (Doc instance : app.docs("instances")) {
                instances++;
                String state = instance.text("state");
                boolean down = state.equals("crashed") || state.equals("backoff") || state.equals("blocked");
                if (down) {
                    bad.add(new DoctorFinding(
                            "apps",
                            state.equals("crashed") ? "error" : "warning",
                            name + "/" + instance.text("index") + " is " + state
                                    + (instance.text("reason").isEmpty() ? "" : ": " + instance.text("reason")),
                            "",
                            state.equals("blocked") ? "bulkhead status " + name : "bulkhead why " + name));
                }
                long open = instance.number("descriptors", 0);
                long most = instance.number("descriptors_limit", 0);
                if (most > 0 && open * 10 > most * 8) {
                    bad.add(DoctorFinding.warning(
                            "descriptors",
                            name + "/" + instance.text("index") + " has " + open + " of " + most + " descriptors open",
                            "",
                            "find what is not closed (bulkhead events says of what kind), or raise nofile"));
                }
            }
            List<String> names = app.texts("environment_drift");
            if (!names.isEmpty()) {
                drift.add(DoctorFinding.warning(
                        "environment",
                        name + " runs with other variables than are on disk: "
                                + String.join(", ", names.subList(0, Math.min(MOST, names.size())))
                                + (names.size() > MOST ? ", …" : ""),
                        "",
                        "bulkhead env " + name + " --diff"));
            }
        }
        if (bad.isEmpty() && !apps.isEmpty()) {
            findings.add(DoctorFinding.ok(
                    "apps",
                    apps.size() + (apps.size() == 1 ? " app, " : " apps, ") + instances
                            + (instances == 1 ? " instance" : " instances") + ": none is in trouble",
                    ""));
        }
        add(bad, "apps");
        add(drift, "environment");
        return this;
    }

    /** @param incidents of {@code incidents --json} */
    DoctorAround incidents(Object incidents) {
        List<DoctorFinding> open = new ArrayList<>();
        for (Doc incident : Doc.list(incidents)) {
            if (!incident.flag("resolved")) {
                open.add(DoctorFinding.warning(
                        "incidents",
                        incident.text("summary"),
                        "since " + incident.text("time"),
                        "bulkhead why " + incident.text("id")));
            }
        }
        add(open, "incidents");
        return this;
    }

    private void add(List<DoctorFinding> some, String check) {
        findings.addAll(some.subList(0, Math.min(MOST, some.size())));
        if (some.size() > MOST) {
            findings.add(new DoctorFinding(
                    check, some.get(MOST).severity(), "and " + (some.size() - MOST) + " more of this kind", "", ""));
        }
    }
}
