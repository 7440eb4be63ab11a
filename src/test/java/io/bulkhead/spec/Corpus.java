package io.bulkhead.spec;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The files of {@code src/test/resources/spec}: {@code good} ones are read, {@code bad} ones are not. */
final class Corpus {

    private Corpus() {}

    static Path folder(String kind) {
        try {
            return Path.of(Corpus.class.getResource("/spec/" + kind).toURI());
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
