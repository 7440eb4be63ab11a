package io.bulkhead.cli;

/** Figures as people read them. Written by hand: java.time and String.format cost a command's start tens of milliseconds. */
final class Words {

    private Words() {}

    /** {@code 0s}, {@code 42s}, {@code 3m}, {@code 2h14m}, {@code 5d3h}; "-" when negative. */
    static String duration(long seconds) {
        if (seconds < 0) {
            return "-";
        }
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            long rest = seconds % 60;
            return seconds / 60 + "m" + (seconds < 600 && rest > 0 ? rest + "s" : "");
        }
        if (seconds < 86_400) {
            long rest = seconds % 3600 / 60;
            return seconds / 3600 + "h" + (rest > 0 ? rest + "m" : "");
        }
        long rest = seconds % 86_400 / 3600;
        return seconds / 86_400 + "d" + (rest > 0 ? rest + "h" : "");
    }

    /** {@code 900B}, {@code 61M}, {@code 1.5G}: 1024-based, in the letters of bulkhead.yaml; "-" when negative. */
    static String bytes(long bytes) {
        if (bytes < 0) {
            return "-";
        }
        if (bytes < 1024) {
            return bytes + "B";
        }
        String letters = "KMGT";
        int letter = 0;
        double value = bytes / 1024.0;
        while (value >= 999.5 && letter < 3) {
            value /= 1024;
            letter++;
        }
        return (value < 9.95 ? decimal(value, 1) : Long.toString(Math.round(value))) + letters.charAt(letter);
    }

    /** With at most {@code places} (0 or 1) decimal places; no ".0". */
    static String decimal(double value, int places) {
        if (places == 0) {
            return Long.toString(Math.round(value));
        }
        long tenths = Math.round(value * 10);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : tenths / 10 + "." + Math.abs(tenths % 10);
    }

    /** "1 app", "3 apps". */
    static String count(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** Seconds since 1970 of an RFC 3339 time; -1 when it is none. */
    static long epochSeconds(String time) {
        try {
            if (time.length() < 20 || time.charAt(10) != 'T') {
                return -1;
            }
            long seconds = days(number(time, 0, 4), number(time, 5, 7), number(time, 8, 10)) * 86_400
                    + number(time, 11, 13) * 3600L
                    + number(time, 14, 16) * 60L
                    + number(time, 17, 19);
            int zone = 19;
            if (time.charAt(zone) == '.') {
                zone++;
                while (Character.isDigit(time.charAt(zone))) {
                    zone++;
                }
            }
            char sign = time.charAt(zone);
            if (sign == 'Z') {
                return zone == time.length() - 1 ? seconds : -1;
            }
            long offset = number(time, zone + 1, zone + 3) * 3600L + number(time, zone + 4, zone + 6) * 60L;
            return sign == '+' ? seconds - offset : sign == '-' ? seconds + offset : -1;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return -1;
        }
    }

    /** {@code 3m ago}; "" when the time is not known. */
    static String ago(String time, long nowSeconds) {
        long then = epochSeconds(time);
        return then < 0 ? "" : duration(Math.max(0, nowSeconds - then)) + " ago";
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    /** Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant's days_from_civil). */
    private static long days(int year, int month, int day) {
        long y = month <= 2 ? year - 1 : year;
        long era = Math.floorDiv(y, 400L);
        long yearOfEra = y - era * 400;
        long dayOfYear = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
    }
}
