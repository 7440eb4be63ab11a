package io.bulkhead.host;

import io.bulkhead.api.Version;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The JavaScript that programs are given, on disk. Programs that run, and what they start later, name it in NODE_OPTIONS: so each version has a
 * folder of its own that no later one touches, in the run folder, which lives as long as any program can and which every
 * user may pass. On the worker.
 */
final class Preload {

    private static final String ENTRY = "preload.cjs";
    private static final String[] FILES = {
        ENTRY,
        "answers.cjs",
        "children.cjs",
        "handover.cjs",
        "messages.cjs",
        "profile.cjs",
        "servers.cjs",
        "sockets.cjs",
        "stop.cjs",
        "workers.cjs",
    };

    private final Path parent;
    private final Map<String, byte[]> texts = new LinkedHashMap<>();
    private Path folder;

    /** @param runFolder the home's */
    Preload(Path runFolder) {
        this.parent = runFolder.resolve("node");
        this.folder = parent;
    }

    /** The file to require, there and whole. */
    Path installed() throws IOException {
        if (texts.isEmpty()) {
            load();
        }
        if (!isWhole(folder)) {
            install();
        }
        return folder.resolve(ENTRY);
    }

    private void load() throws IOException {
        CRC32 sum = new CRC32();
        for (String name : FILES) {
            try (InputStream in = Preload.class.getResourceAsStream("node/" + name)) {
                if (in == null) {
                    throw new IOException("the program lacks its file " + name);
                }
                byte[] text = in.readAllBytes();
                sum.update(text);
                texts.put(name, text);
            }
        }
        folder = parent.resolve(Version.TEXT + "-" + Long.toHexString(sum.getValue()));
    }

    private boolean isWhole(Path folder) {
        try {
            for (Map.Entry<String, byte[]> file : texts.entrySet()) {
                if (Files.size(folder.resolve(file.getKey())) != file.getValue().length) {
                    return false;
                }
            }
            return true;
        } catch (IOException incomplete) {
            return false;
        }
    }

    /** Whatever the umask is: everybody reads it, nobody but us writes it. */
    private void install() throws IOException {
        makePassable(parent);
        makePassable(folder);
        for (Map.Entry<String, byte[]> file : texts.entrySet()) {
            Path fresh = folder.resolve(file.getKey() + ".new");
            Files.write(fresh, file.getValue());
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(fresh, folder.resolve(file.getKey()), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void makePassable(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
