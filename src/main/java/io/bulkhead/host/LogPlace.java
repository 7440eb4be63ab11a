package io.bulkhead.host;

/** Where in a log: {@code offset} bytes into the file of {@code generation} (see {@link LogSegments}). */
record LogPlace(long generation, long offset) implements Comparable<LogPlace> {

    @Override
    public int compareTo(LogPlace other) {
        int byFile = Long.compare(generation, other.generation);
        return byFile != 0 ? byFile : Long.compare(offset, other.offset);
    }
}
