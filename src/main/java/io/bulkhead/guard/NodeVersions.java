package io.bulkhead.guard;

import io.bulkhead.linux.Identity;
import io.bulkhead.linux.ProgramOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The versions of node binaries: an unknown word in NODE_OPTIONS ends node with code 9 before any code. Each is asked once, as the user who
 * will run it, and again when the file is another one. On the worker.
 */
public final class NodeVersions {

    private static final int MOST = 64;
    private static final int PATIENCE_MILLIS = 2_000;

    private record Binary(Path path, Object file, long modified, long size) {}

    private final Map<Binary, Version> known = new LinkedHashMap<>();

    /** The major version of {@code binary}, such as 22; empty when it does not say one. */
    public Optional<Integer> major(Path binary, Optional<Identity> identity) {
        return version(binary, identity).map(version -> (int) version.major());
    }

    /** The version of {@code binary}; empty when it does not say one. */
    Optional<Version> version(Path binary, Optional<Identity> identity) {
        try {
            BasicFileAttributes found = Files.readAttributes(binary, BasicFileAttributes.class);
            Binary key = new Binary(
                    binary,
                    String.valueOf(found.fileKey()),
                    found.lastModifiedTime().toMillis(),
                    found.size());
            Version before = known.get(key);
            if (before != null) {
                return Optional.of(before);
            }
            Optional<Version> version = ProgramOutput.of(binary, List.of("--version"), identity, PATIENCE_MILLIS)
                    .flatMap(NodeVersions::parse);
            if (version.isPresent()) {
                if (known.size() == MOST) {
                    known.remove(known.keySet().iterator().next());
                }
                known.put(key, version.get());
            }
            return version;
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** {@code v22.23.3} and a line end, as node writes it. */
    static Optional<Version> parse(String output) {
        return output.startsWith("v") ? Version.parse(output) : Optional.empty();
    }
}
