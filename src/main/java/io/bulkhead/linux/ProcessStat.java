package io.bulkhead.linux;

import java.util.Optional;

/**
 * One line of /proc/PID/stat.
 *
 * @param name at most 15 bytes, may hold blanks and parentheses
 * @param state {@code R S D Z T t X I}
 * @param startTicks time after boot in 1/100 s: with pid and boot id the process's identity
 * @param cpuTicks user and system time used, in 1/100 s
 * @param rssPages resident pages
 * @param exitStatus the word wait(2) would give, meaningful for a zombie; 0 also where we may not know
 */
public record ProcessStat(
        int pid,
        String name,
        char state,
        int parent,
        int processGroup,
        int session,
        long cpuTicks,
        int threads,
        long startTicks,
        long rssPages,
        int exitStatus) {

    private static final int FIRST_AFTER_NAME = 3;
    private static final int EXIT_STATUS = 52;

    public boolean zombie() {
        return state == 'Z' || state == 'X';
    }

    /** Parses a line; empty when it is none. The name ends at the last parenthesis, whatever it holds itself. */
    static Optional<ProcessStat> parse(String line) {
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        if (open < 0 || close < open) {
            return Optional.empty();
        }
        String[] fields = line.substring(close + 1).strip().split(" ");
        if (fields.length <= EXIT_STATUS - FIRST_AFTER_NAME) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ProcessStat(
                    Integer.parseInt(line.substring(0, open).strip()),
                    line.substring(open + 1, close),
                    field(fields, 3).charAt(0),
                    Integer.parseInt(field(fields, 4)),
                    Integer.parseInt(field(fields, 5)),
                    Integer.parseInt(field(fields, 6)),
                    Long.parseLong(field(fields, 14)) + Long.parseLong(field(fields, 15)),
                    Integer.parseInt(field(fields, 20)),
                    Long.parseLong(field(fields, 22)),
                    Long.parseLong(field(fields, 24)),
                    Integer.parseInt(field(fields, EXIT_STATUS))));
        } catch (NumberFormatException malformed) {
            return Optional.empty();
        }
    }

    private static String field(String[] fields, int number) {
        return fields[number - FIRST_AFTER_NAME];
    }
}
