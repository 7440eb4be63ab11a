package io.bulkhead.host;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;

/**
 * What must know where lines begin: stamps them with the time they arrived, or keeps lines of several sources of one file whole. Bytes
 * pass in pieces of any size; a line without end costs no more than {@link LogFile#LINE_SEARCH} of memory. Owned by the pump's thread.
 */
final class LogLines {

    /** Length of {@code 2026-11-21T23:15:00.123Z } with its blank. */
    static final int STAMP = 25;

    private boolean inLine;
    private byte[] kept = {};
    private int keptLength;

    /**
     * Stamps lines while passing them on at once, also the beginning of one whose end has not come.
     *
     * @param out scratch space, longer than {@code stamp}
     * @param stamp what each line is to begin with
     */
    void stamp(byte[] in, int length, byte[] out, byte[] stamp, Sink sink) {
        int used = 0;
        int from = 0;
        while (from < length) {
            if (!inLine) {
                if (used + stamp.length >= out.length) {
                    sink.take(out, used);
                    used = 0;
                }
                System.arraycopy(stamp, 0, out, used, stamp.length);
                used += stamp.length;
                inLine = true;
            }
            int to = from;
            int last = Math.min(length, from + out.length - used);
            while (to < last && in[to] != '\n') {
                to++;
            }
            if (to < last) {
                to++;
                inLine = false;
            }
            System.arraycopy(in, from, out, used, to - from);
            used += to - from;
            from = to;
            if (used == out.length) {
                sink.take(out, used);
                used = 0;
            }
        }
        if (used > 0) {
            sink.take(out, used);
        }
    }

    /** Passes whole lines on and keeps the beginning of the last one until its end comes, or it grows too long. */
    void whole(byte[] in, int length, Sink sink) {
        int end = length;
        while (end > 0 && in[end - 1] != '\n') {
            end--;
        }
        if (end > 0) {
            release(sink);
            sink.take(in, end);
        }
        if (keptLength + length - end > LogFile.LINE_SEARCH) {
            release(sink);
        }
        if (length > end) {
            int needed = keptLength + length - end;
            if (kept.length < needed) {
                kept = Arrays.copyOf(kept, Math.max(needed, 2 * kept.length));
            }
            System.arraycopy(in, end, kept, keptLength, length - end);
            keptLength = needed;
        }
    }

    /** Whether something is kept back. */
    boolean keeps() {
        return keptLength > 0;
    }

    /** Passes on what is kept back, though its end has not come. */
    void release(Sink sink) {
        if (keptLength > 0) {
            int length = keptLength;
            keptLength = 0;
            sink.take(kept, length);
        }
        kept = new byte[0];
    }

    /** Where the bytes go; they are valid only during the call. */
    interface Sink {
        void take(byte[] bytes, int length);
    }

    /** RFC 3339 in UTC with milliseconds, and a blank. */
    static byte[] stampOf(long millis) {
        long second = Math.floorDiv(millis, 1000L);
        LocalDateTime t = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        byte[] text = "0000-00-00T00:00:00.000Z ".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        digits(text, 0, 4, t.getYear());
        digits(text, 5, 2, t.getMonthValue());
        digits(text, 8, 2, t.getDayOfMonth());
        digits(text, 11, 2, t.getHour());
        digits(text, 14, 2, t.getMinute());
        digits(text, 17, 2, t.getSecond());
        digits(text, 20, 3, (int) (millis - second * 1000));
        return text;
    }

    /** Milliseconds since 1970 of the stamp at the start of a line, or -1 when there is none. */
    static long timeOf(byte[] line, int at, int length) {
        if (length < STAMP || line[at + 10] != 'T' || line[at + 23] != 'Z') {
            return -1;
        }
        try {
            return LocalDateTime.of(
                                            number(line, at, 4),
                                            number(line, at + 5, 2),
                                            number(line, at + 8, 2),
                                            number(line, at + 11, 2),
                                            number(line, at + 14, 2),
                                            number(line, at + 17, 2))
                                    .toEpochSecond(ZoneOffset.UTC)
                            * 1000
                    + number(line, at + 20, 3);
        } catch (java.time.DateTimeException notATime) {
            return -1;
        }
    }

    private static int number(byte[] from, int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            value = value * 10 + (from[i] - '0');
        }
        return value;
    }

    private static void digits(byte[] into, int at, int count, int value) {
        int rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            into[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
