package io.bulkhead.host;

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
final class NodeVersions {

    private static final int MOST = 64;
    private static final int PATIENCE_MILLIS = 2_000;

    private record Binary(Path path, Object file, long modified, long size) {}

    private final Map<Binary, Integer> majors = new LinkedHashMap<>();

    /** The major version of {@code binary}, such as 22; empty when it does not say one. */
    Optional<Integer> major(Path binary, Optional<Identity> identity) {
        try {
            BasicFileAttributes found = Files.readAttributes(binary, BasicFileAttributes.class);
            Binary key = new Binary(
                    binary,
                    String.valueOf(found.fileKey()),
                    found.lastModifiedTime().toMillis(),
                    found.size());
            Integer known = majors.get(key);
            if (known != null) {
                return Optional.of(known);
            }
            Optional<Integer> major = ProgramOutput.of(binary, List.of("--version"), identity, PATIENCE_MILLIS)
                    .flatMap(NodeVersions::parse);
            if (major.isPresent()) {
                if (majors.size() == MOST) {
                    majors.remove(majors.keySet().iterator().next());
                }
                majors.put(key, major.get());
            }
            return major;
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** {@code v22.23.3} is 22. */
    static Optional<Integer> parse(String output) {
        int dot = output.indexOf('.');
        if (!output.startsWith("v") || dot < 2 || dot > 4) {
            return Optional.empty();
        }
        int major = 0;
        for (int i = 1; i < dot; i++) {
            char c = output.charAt(i);
            if (c < '0' || c > '9') {
                return Optional.empty();
            }
            major = major * 10 + (c - '0');
        }
        return Optional.of(major);
    }
}
