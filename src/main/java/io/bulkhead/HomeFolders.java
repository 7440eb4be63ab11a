package io.bulkhead;

import io.bulkhead.spec.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The folders of a home. */
final class HomeFolders {

    private HomeFolders() {}

    /** State is the owner's alone; logs may be read by a group; the control socket guards itself. */
    static void make(Home home) throws IOException {
        make(home.state(), "rwx------");
        make(home.log(), "rwxr-x---");
        make(home.run(), "rwxr-xr-x");
    }

    private static void make(Path folder, String mode) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        }
    }
}
