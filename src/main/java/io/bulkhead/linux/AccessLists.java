package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Tells whether a file has an access control list beside its mode bits (acl(5)). */
final class AccessLists {

    private static final Native.Call GETXATTR = Native.bind("getxattr", 4);

    private AccessLists() {}

    static boolean attached(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            long size = GETXATTR.raw(
                    Native.string(arena, file.toString()).address(),
                    Native.string(arena, "system.posix_acl_access").address(),
                    0,
                    0);
            return size > 0;
        }
    }
}
