package io.bulkhead.story;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where SQLite's native library comes from. The driver would unpack it to /tmp at each start, which fails where /tmp is mounted noexec
 * (sqlite-jdbc issue 1195): a package names the folder that holds it in the system property {@code bulkhead.lib}.
 */
final class SqliteLibrary {

    static final String NAME = "libsqlitejdbc.so";

    private SqliteLibrary() {}

    /** To be called before the first connection. Without the property, or without the file, the driver does what it always does. */
    static void locate() {
        String folder = System.getProperty("bulkhead.lib", "");
        if (!folder.isEmpty() && Files.isReadable(Path.of(folder, NAME))) {
            System.setProperty("org.sqlite.lib.path", folder);
            System.setProperty("org.sqlite.lib.name", NAME);
        }
    }
}
