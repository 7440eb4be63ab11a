package io.bulkhead.host;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Which lines are wanted.
 *
 * @param last so many at most, the last ones of all files together; empty: all
 * @param since only what arrived at this time (ms since 1970) or later, at most a second early
 * @param grep only lines in which it is found
 * @param follow whether to go on with what is written from now on
 */
record LogQuery(OptionalInt last, OptionalLong since, Optional<Pattern> grep, boolean follow) {

    static LogQuery last(int lines) {
        return new LogQuery(OptionalInt.of(lines), OptionalLong.empty(), Optional.empty(), false);
    }

    static LogQuery all() {
        return new LogQuery(OptionalInt.empty(), OptionalLong.empty(), Optional.empty(), false);
    }
}
