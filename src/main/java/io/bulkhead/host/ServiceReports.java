package io.bulkhead.host;

import io.bulkhead.core.AppState;
import io.bulkhead.core.AppView;
import io.bulkhead.linux.ServiceNotice;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Tells the service manager how the daemon does: sd_notify(3). The signs of life come from the loop itself, so that a loop that hangs is
 * missed. On the loop.
 */
final class ServiceReports {

    /** Between two looks at what is to be told, where the manager names no pace. */
    private static final long PACE_MILLIS = 15_000;

    /** Stopping takes as long as the slowest drain: it is asked for while it goes on, twice as far ahead as it is asked again. */
    private static final long STOPPING_MILLIS = 10_000;

    private final Loop loop;
    private final ServiceNotice notice;
    private final Supplier<List<AppView>> apps;
    private String told = "";
    private boolean stopping;

    ServiceReports(Loop loop, ServiceNotice notice, Supplier<List<AppView>> apps) {
        this.loop = loop;
        this.notice = notice;
        this.apps = apps;
    }

    /** The daemon serves. */
    void ready() {
        if (notice.wanted()) {
            notice.ready();
            beat();
        }
    }

    /** Its configuration is read again, until {@link #reloaded}. */
    void reloading() {
        notice.reloading();
    }

    void reloaded() {
        notice.ready();
        tell();
    }

    /** The daemon is about to end, with or without its apps. */
    void stopping() {
        if (notice.wanted() && !stopping) {
            stopping = true;
            notice.stopping();
            askForTime();
        }
    }

    private void beat() {
        if (notice.watchdogMicros().isPresent()) {
            notice.alive();
        }
        tell();
        loop.after(pace(), this::beat);
    }

    /** Half of the time after which we would be missed, as sd_watchdog_enabled(3) advises. */
    private long pace() {
        long watchdog = notice.watchdogMicros().orElse(Long.MAX_VALUE) / 2_000;
        return Math.clamp(watchdog, 1, PACE_MILLIS);
    }

    private void askForTime() {
        notice.needs(2 * STOPPING_MILLIS * 1_000);
        tell();
        loop.after(STOPPING_MILLIS, this::askForTime);
    }

    private void tell() {
        String words = words(apps.get(), stopping);
        if (notice.wanted() && !words.equals(told)) {
            told = words;
            notice.status(words);
        }
    }

    /** {@code 3 apps: 2 up, 1 stopped}. */
    static String words(List<AppView> apps, boolean stopping) {
        Map<AppState, Integer> counts = new EnumMap<>(AppState.class);
        apps.forEach(app -> counts.merge(app.state(), 1, Integer::sum));
        StringBuilder words = new StringBuilder(stopping ? "stopping; " : "");
        words.append(apps.size()).append(apps.size() == 1 ? " app" : " apps");
        String before = ": ";
        for (Map.Entry<AppState, Integer> count : counts.entrySet()) {
            words.append(before)
                    .append(count.getValue())
                    .append(' ')
                    .append(count.getKey().word());
            before = ", ";
        }
        return words.toString();
    }
}
