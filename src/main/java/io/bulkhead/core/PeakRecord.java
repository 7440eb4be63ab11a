package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The highest use of memory of one app, hour by hour for ten days, for as long as it stays the same program; of the programs it was
 * before, only the highest of all. A few kilobytes, which outlive the daemon as a text.
 */
public final class PeakRecord {

    /** The highest use of one program that the app was. */
    public record Generation(String id, long sinceWallMillis, long highest) {}

    private static final String FORMAT = "peaks 1";
    private static final long HOUR = 3_600_000;
    private static final int HOURS = 240;
    private static final int OLDER = 8;
    private static final int KIB = 1024;

    private final List<Generation> older = new ArrayList<>();
    private Generation current = new Generation("", 0, 0);
    private int[] hours = new int[0];
    private long hour = Long.MIN_VALUE;
    private boolean changed;

    /** What distinguishes one program of an app from the next: what is run, where, and with what. Its limits do not. */
    public static String generation(AppSpec app) {
        return Integer.toHexString(Objects.hash(
                app.command().argv(), app.command().shell(), app.workingDir().toString(), app.environment()));
    }

    /**
     * Takes in one look.
     *
     * @param generation as {@link #generation}
     * @param bytes of one instance that cannot be dropped
     */
    public void add(String generation, long wallMillis, long bytes) {
        if (!generation.equals(current.id)) {
            begin(generation, wallMillis);
        }
        long now = Math.floorDiv(wallMillis, HOUR);
        // A clock that is set back goes on filling the present hour.
        if (now > hour) {
            hour = now;
            int kept = Math.min(hours.length, HOURS - 1);
            int[] next = new int[kept + 1];
            System.arraycopy(hours, hours.length - kept, next, 0, kept);
            hours = next;
        }
        int kib = (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(bytes, KIB));
        if (kib > hours[hours.length - 1]) {
            hours[hours.length - 1] = kib;
            changed = true;
        }
        if (bytes > current.highest) {
            current = new Generation(current.id, current.sinceWallMillis, bytes);
        }
    }

    private void begin(String generation, long wallMillis) {
        if (current.highest > 0) {
            older.addFirst(current);
            if (older.size() > OLDER) {
                older.removeLast();
            }
        }
        current = new Generation(generation, wallMillis, 0);
        hours = new int[0];
        hour = Long.MIN_VALUE;
    }

    /** The program it is now. */
    public Generation current() {
        return current;
    }

    /** The programs it was before, newest first. */
    public List<Generation> older() {
        return List.copyOf(older);
    }

    /** Hours with a peak, 0 to 240. */
    public int hours() {
        return hours.length;
    }

    /** The peak that one hour in a hundred exceeds: below a hundred hours the highest. 0 where nothing was seen. */
    public long usualPeak() {
        return usualPeak(hours);
    }

    /** The same without the present hour, which may have ended badly. */
    public long usualPeakBefore() {
        return usualPeak(Arrays.copyOf(hours, Math.max(0, hours.length - 1)));
    }

    private static long usualPeak(int[] hours) {
        if (hours.length == 0) {
            return 0;
        }
        int[] sorted = hours.clone();
        Arrays.sort(sorted);
        return (long) sorted[Math.ceilDiv(sorted.length * 99, 100) - 1] * KIB;
    }

    /** Whether something has been added since it was written. */
    public boolean isChanged() {
        return changed;
    }

    /** Everything, to be {@link #read} again. */
    public String write() {
        changed = false;
        StringBuilder text = new StringBuilder(64 + hours.length * 8);
        text.append(FORMAT).append('\n');
        generation(text, current);
        text.append(hour).append('\n');
        for (int each : hours) {
            text.append(each).append(' ');
        }
        text.append('\n');
        older.forEach(each -> generation(text, each));
        return text.toString();
    }

    private static void generation(StringBuilder text, Generation each) {
        text.append(each.id)
                .append(' ')
                .append(each.sinceWallMillis)
                .append(' ')
                .append(each.highest)
                .append('\n');
    }

    /** What {@link #write} has written. @throws IllegalArgumentException for anything else */
    public static PeakRecord read(String text) {
        String[] lines = text.split("\n");
        if (lines.length < 3 || !lines[0].equals(FORMAT)) {
            throw new IllegalArgumentException("not a record of peaks");
        }
        PeakRecord record = new PeakRecord();
        record.current = generation(lines[1]);
        record.hour = Long.parseLong(lines[2]);
        String hours = lines.length > 3 ? lines[3].strip() : "";
        if (!hours.isEmpty()) {
            String[] words = hours.split(" ");
            record.hours = new int[Math.min(HOURS, words.length)];
            for (int i = 0; i < record.hours.length; i++) {
                record.hours[i] = Integer.parseInt(words[words.length - record.hours.length + i]);
            }
        }
        for (int i = 4; i < Math.min(lines.length, 4 + OLDER); i++) {
            record.older.add(generation(lines[i]));
        }
        if (record.hours.length == 0) {
            record.hour = Long.MIN_VALUE;
        }
        return record;
    }

    private static Generation generation(String line) {
        String[] words = line.split(" ");
        if (words.length != 3) {
            throw new IllegalArgumentException("not a generation: " + line);
        }
        return new Generation(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]));
    }
}
