package io.bulkhead.host;

/**
 * What one look at a run's health gave.
 *
 * @param words for people, such as {@code GET /health: 503 after 12 ms}
 */
record ProbeAnswer(boolean well, String words) {

    static ProbeAnswer well(String words) {
        return new ProbeAnswer(true, words);
    }

    static ProbeAnswer ill(String words) {
        return new ProbeAnswer(false, words);
    }
}
