package io.bulkhead.spec;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How one app's output is kept.
 *
 * @param maxBytes size at which a log file is rotated, 64 KiB or more
 * @param keep rotated files kept beside the current one, 0 to 1000
 * @param compress whether rotated files are gzipped
 * @param timestamps whether each line is stamped with the time it arrived
 * @param split whether stderr goes to a file of its own
 * @param file where the log goes instead of the log folder
 */
public record LogSpec(
        long maxBytes, int keep, boolean compress, boolean timestamps, boolean split, Optional<Path> file) {

    public static final LogSpec DEFAULT = new LogSpec(50L << 20, 10, true, false, false, Optional.empty());
}
