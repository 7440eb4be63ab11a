package io.bulkhead.spec;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Five fields of crontab(5) in a time zone: minute, hour, day of month, month, day of week; or {@code @hourly}, {@code @daily},
 * {@code @weekly}, {@code @monthly}, {@code @yearly}. A field is {@code *}, a number, a range {@code 1-5}, a step {@code *}{@code /5} or
 * {@code 1-30/2}, or a list of these; months and days have names ({@code jan}, {@code mon}), and 0 and 7 are Sunday. When both day fields
 * are restricted (neither begins with {@code *}), either one matching is enough, as in every cron since Vixie's.
 *
 * <p>When clocks change: a time that the gap swallows happens at the first moment after the gap, once; a time that comes twice happens
 * at its first coming only. So "0 4 * * *" is once a day on every day of the year.
 *
 * @param text as the user wrote it
 * @param zone the zone its hours are in
 */
public record Cron(String text, ZoneId zone) {

    private static final int YEARS = 4;
    private static final int NEAR_DAYS = 2;

    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    /** @throws IllegalArgumentException when {@code text} is no such expression; {@link #parse} says why */
    public Cron {
        if (fields(text) instanceof Parsed.Bad<Fields> bad) {
            throw new IllegalArgumentException(text + " " + bad.message());
        }
    }

    /** The expression, or what is wrong with it: also one that no date ever meets, such as February 30. */
    public static Parsed<Cron> parse(String text, ZoneId zone) {
        return switch (fields(text)) {
            case Parsed.Bad<Fields>(String message, Optional<String> hint, int offset) ->
                new Parsed.Bad<>(message, hint, offset);
            case Parsed.Good<Fields>(Fields fields)
            when !fields.everMeets() ->
                Parsed.bad(0, "never comes: no month in it has such a day", "check the day of the month");
            case Parsed.Good<Fields> good -> Parsed.good(new Cron(text, zone));
        };
    }

    /** The first time strictly after {@code after}, in this zone, or empty when none comes within four years. */
    public Optional<ZonedDateTime> next(ZonedDateTime after) {
        if (!(fields(text) instanceof Parsed.Good<Fields>(Fields fields))) {
            throw new IllegalStateException("checked when it was made: " + text);
        }
        ZonedDateTime from = after.withZoneSameInstant(zone);
        // A gap or an overlap moves times by a day at most: where one is near, a day's head start misses nothing, and
        // what is too early is skipped.
        boolean moves = clockMovesNear(from);
        LocalDate day = moves ? from.toLocalDate().minusDays(1) : from.toLocalDate();
        int firstHour = moves ? 0 : from.getHour();
        LocalDate end = from.toLocalDate().plusYears(YEARS);
        while (!day.isAfter(end)) {
            if (!fields.has(fields.months, day.getMonthValue())) {
                day = day.withDayOfMonth(1).plusMonths(1);
                continue;
            }
            if (fields.meets(day)) {
                Optional<ZonedDateTime> found =
                        onDay(day, day.equals(from.toLocalDate()) ? firstHour : 0, fields, from);
                if (found.isPresent()) {
                    return found;
                }
            }
            day = day.plusDays(1);
        }
        return Optional.empty();
    }

    private boolean clockMovesNear(ZonedDateTime time) {
        ZoneRules rules = zone.getRules();
        if (rules.isFixedOffset()) {
            return false;
        }
        ZoneOffsetTransition next =
                rules.nextTransition(time.minusDays(NEAR_DAYS).toInstant());
        return next != null
                && next.getInstant().isBefore(time.plusDays(NEAR_DAYS).toInstant());
    }

    private Optional<ZonedDateTime> onDay(LocalDate day, int firstHour, Fields fields, ZonedDateTime from) {
        for (int hour = firstHour; hour < 24; hour++) {
            for (int minute = 0; fields.has(fields.hours, hour) && minute < 60; minute++) {
                if (fields.has(fields.minutes, minute)) {
                    ZonedDateTime time = place(day.atTime(LocalTime.of(hour, minute)));
                    if (time.isAfter(from)) {
                        return Optional.of(time);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The moment of a wall clock's time: the end of the gap that swallows it, the first of two. */
    private ZonedDateTime place(LocalDateTime local) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (!offsets.isEmpty()) {
            return ZonedDateTime.ofLocal(local, zone, offsets.getFirst());
        }
        ZoneOffsetTransition gap = zone.getRules().getTransition(local);
        return ZonedDateTime.ofInstant(gap.getInstant(), zone);
    }

    private static Parsed<Fields> fields(String text) {
        String expression = switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "@hourly" -> "0 * * * *";
            case "@daily", "@midnight" -> "0 0 * * *";
            case "@weekly" -> "0 0 * * 0";
            case "@monthly" -> "0 0 1 * *";
            case "@yearly", "@annually" -> "0 0 1 1 *";
            default -> text;
        };
        if (expression.strip().startsWith("@")) {
            return Parsed.bad(
                    0,
                    "knows no " + Words.quoted(text.strip()),
                    "write @hourly, @daily, @weekly, @monthly, @yearly or five fields");
        }
        return new FieldReader(expression).read();
    }

    /**
     * The numbers each field lets through, as bits.
     *
     * @param anyDay whether the day of the month begins with a star
     * @param anyWeekday whether the day of the week begins with a star
     */
    private record Fields(
            long minutes, long hours, long days, long months, long weekdays, boolean anyDay, boolean anyWeekday) {

        boolean has(long set, int number) {
            return (set >>> number & 1) != 0;
        }

        boolean meets(LocalDate date) {
            boolean day = has(days, date.getDayOfMonth());
            boolean weekday = has(weekdays, date.getDayOfWeek().getValue() % 7);
            return anyDay || anyWeekday ? day && weekday : day || weekday;
        }

        boolean everMeets() {
            if (!anyDay && !anyWeekday) {
                return true;
            }
            int[] longest = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
            for (int month = 1; month <= 12; month++) {
                if (has(months, month) && (days & (1L << longest[month - 1] + 1) - 1) != 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Reads five fields, keeping count of where it is. */
    private static final class FieldReader {
        private final String text;
        private int at;

        FieldReader(String text) {
            this.text = text;
        }

        Parsed<Fields> read() {
            String[] names = {"minute", "hour", "day of month", "month", "day of week"};
            int[] least = {0, 0, 1, 1, 0};
            int[] most = {59, 23, 31, 12, 7};
            long[] sets = new long[5];
            boolean[] stars = new boolean[5];
            for (int i = 0; i < 5; i++) {
                skipBlanks();
                int from = at;
                while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
                    at++;
                }
                String field = text.substring(from, at);
                if (field.isEmpty()) {
                    return Parsed.bad(
                            0,
                            "wants five fields and has " + i,
                            "write minute, hour, day of month, month and day of week, such as \"0 4 * * *\"");
                }
                List<String> words = i == 3 ? MONTHS : i == 4 ? DAYS : List.of();
                sets[i] = set(field, least[i], most[i], words);
                stars[i] = field.startsWith("*");
                if (sets[i] == 0) {
                    return Parsed.bad(
                            from,
                            "has a wrong " + names[i] + ": " + Words.quoted(field),
                            "it goes from " + least[i] + " to " + most[i] + (words.isEmpty() ? "" : " or by name")
                                    + "; lists are 1,2, ranges 1-5, steps */5");
                }
            }
            skipBlanks();
            if (at < text.length()) {
                return Parsed.bad(
                        at,
                        "has more than five fields",
                        "write minute, hour, day of month, month and day of week; seconds are not known here");
            }
            long weekdays = (sets[4] & 0x7f) | (sets[4] >>> 7 & 1);
            return Parsed.good(new Fields(sets[0], sets[1], sets[2], sets[3], weekdays, stars[2], stars[4]));
        }

        private void skipBlanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        /** Bits of a list; none when it is wrong. */
        private static long set(String field, int least, int most, List<String> names) {
            long all = 0;
            int from = 0;
            while (from <= field.length()) {
                int comma = field.indexOf(',', from);
                int end = comma < 0 ? field.length() : comma;
                long part = part(field.substring(from, end), least, most, names);
                if (part == 0) {
                    return 0;
                }
                all |= part;
                from = end + 1;
            }
            return all;
        }

        private static long part(String part, int least, int most, List<String> names) {
            int slash = part.indexOf('/');
            String range = slash < 0 ? part : part.substring(0, slash);
            int step = slash < 0 ? 1 : number(part.substring(slash + 1), List.of());
            int dash = range.indexOf('-');
            boolean star = range.equals("*");
            int first = star ? least : number(dash < 0 ? range : range.substring(0, dash), names);
            int last = star ? most : dash < 0 ? first : number(range.substring(dash + 1), names);
            // "fri-sun": Sunday is 7 at the end of a range.
            last = most == 7 && last == 0 && first > 0 ? 7 : last;
            boolean loneStep = slash >= 0 && !star && dash < 0;
            if (first < least || last > most || first > last || step < 1 || loneStep) {
                return 0;
            }
            long bits = 0;
            // With a step, * for days of the week stops at Saturday: Sunday is 0 there already.
            int end = star && most == 7 ? 6 : last;
            for (int i = first; i <= end; i += step) {
                bits |= 1L << i;
            }
            return bits;
        }

        private static int number(String text, List<String> names) {
            int named = names.indexOf(text.toLowerCase(Locale.ROOT));
            if (named >= 0) {
                return names.size() == 12 ? named + 1 : named;
            }
            if (text.isEmpty() || text.length() > 2) {
                return -1;
            }
            int value = 0;
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                    return -1;
                }
                value = value * 10 + text.charAt(i) - '0';
            }
            return value;
        }
    }
}
