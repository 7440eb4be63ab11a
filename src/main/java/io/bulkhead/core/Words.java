package io.bulkhead.core;

import io.bulkhead.spec.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Figures and lists as people read them. */
public final class Words {

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private static final int MOST_LISTED = 8;

    private Words() {}

    /** {@code 128 MiB}, {@code 1.5 GiB}: one digit after the point where it is not a whole number. */
    public static String bytes(long bytes) {
        long tenths = bytes * 10;
        int unit = 0;
        while (tenths >= 10240 && unit < UNITS.length - 1) {
            tenths = (tenths + 512) / 1024;
            unit++;
        }
        return decimal(tenths) + " " + UNITS[unit];
    }

    /** {@code 100 ms}, {@code 1.6 s}, {@code 5m}, {@code 1h30m}. */
    public static String time(long millis) {
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return decimal((millis + 50) / 100) + " s";
        }
        long minutes = (millis + 30_000) / 60_000;
        if (minutes < 60) {
            return minutes + "m";
        }
        return (minutes / 60) + "h" + (minutes % 60 == 0 ? "" : (minutes % 60) + "m");
    }

    /** {@code 1 restart}, {@code 2 restarts}. */
    static String count(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    /** What somebody may have meant who wrote the name of no app: the nearest of {@code apps}, or all where they are few. */
    static String instead(String name, Collection<String> apps) {
        if (apps.isEmpty()) {
            return "there are no apps yet: bulkhead apply takes them from bulkhead.yaml";
        }
        Optional<String> nearest = Nearest.of(name, apps);
        if (nearest.isPresent()) {
            return "did you mean " + nearest.get() + "?";
        }
        List<String> listed = new ArrayList<>(new TreeSet<>(apps));
        String rest = listed.size() > MOST_LISTED ? " and " + (listed.size() - MOST_LISTED) + " more" : "";
        return "there are: " + String.join(", ", listed.subList(0, Math.min(MOST_LISTED, listed.size()))) + rest;
    }

    private static String decimal(long tenths) {
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : (tenths / 10) + "." + (tenths % 10);
    }
}
