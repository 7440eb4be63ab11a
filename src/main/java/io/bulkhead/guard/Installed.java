package io.bulkhead.guard;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One folder in node_modules.
 *
 * @param place where, such as {@code node_modules/a/node_modules/b}
 * @param state whether its package.json could be read
 * @param trouble why not, a sentence with the file's path; empty where it could
 * @param version empty where it tells none
 * @param engines the versions of Node that it names, as they stand there; empty where it names none
 * @param link whether it is a symbolic link to where the package really is
 * @param mayBeNative whether its folder looks as if there were native add-ons in it
 */
record Installed(
        String place,
        Path folder,
        State state,
        String trouble,
        String name,
        String version,
        String engines,
        boolean link,
        boolean mayBeNative) {

    enum State {
        READ,
        /** There is none: left by an installation that was interrupted, or no package. */
        MISSING,
        /** Node fails on it as well. */
        BROKEN,
        /** Too large, or not ours to read. */
        UNREAD
    }

    /** {@code b} of {@code node_modules/a/node_modules/b}: what is asked for when it is required. */
    static String nameOf(String place) {
        return place.substring(place.lastIndexOf("node_modules/") + "node_modules/".length());
    }

    /** {@code express 5.1.0}. */
    String words() {
        return Optional.of(name).filter(known -> !known.isEmpty()).orElseGet(() -> nameOf(place))
                + (version.isEmpty() ? "" : " " + version);
    }
}
