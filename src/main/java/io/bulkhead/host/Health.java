package io.bulkhead.host;

/**
 * What the last check of a run gave.
 *
 * @param words for people
 * @param checkedMillis when it ended, milliseconds since 1970
 * @param sinceMillis since when every check has given the same, likewise
 */
record Health(boolean well, String words, long checkedMillis, long sinceMillis) {

    Health then(ProbeAnswer answer, long now) {
        return new Health(answer.well(), answer.words(), now, answer.well() == well ? sinceMillis : now);
    }
}
