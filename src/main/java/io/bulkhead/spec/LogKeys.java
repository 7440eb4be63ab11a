package io.bulkhead.spec;

import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Text;
import io.bulkhead.spec.Scalars.Whole;

/** How output is kept: for the server as the default of every app, and for one app. */
final class LogKeys {

    static final Key<Long> MAX_SIZE = Key.of(
                    "max_size", Sizes.type(64L << 10, false), "Size at which a log file is rotated.")
            .standard("50M");
    static final Key<Integer> KEEP = Key.of("keep", new Whole(0, 1000), "Rotated files kept beside the current one.")
            .standard("10")
            .foreign("max_files", "max_file");
    static final Key<Boolean> COMPRESS =
            Key.of("compress", new Flag(), "Whether rotated files are gzipped.").standard("true");
    static final Key<Boolean> TIMESTAMPS = Key.of(
                    "timestamps", new Flag(), "Whether each line is stamped with the time it arrived.")
            .standard("false");
    static final Key<Boolean> SPLIT = Key.of("split", new Flag(), "Whether stderr goes to a file of its own.")
            .standard("false");
    static final Key<String> FILE =
            Key.of("file", new Text("a path", 4096), "Where it goes instead, relative to working_dir.");

    static final Section SERVER = new Section("log", true, MAX_SIZE, KEEP, COMPRESS, TIMESTAMPS);
    static final Section SECTION = new Section("log", true, MAX_SIZE, KEEP, COMPRESS, TIMESTAMPS, SPLIT, FILE);

    private LogKeys() {}
}
