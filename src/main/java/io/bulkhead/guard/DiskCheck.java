package io.bulkhead.guard;

import io.bulkhead.linux.DiskRoom;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Free space and free inodes where an app runs and writes: at least {@code checks.disk_free}, and never next to nothing. */
final class DiskCheck implements Check {

    private static final long LITTLE = 200L << 20;
    private static final long FEW_FILES = 1_000;

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        AppSpec app = subject.app();
        Map<DiskRoom, Path> rooms = new LinkedHashMap<>();
        rooms.put(DiskRoom.of(app.workingDir()), app.workingDir());
        for (Path path : app.checks().writable()) {
            if (Files.exists(path)) {
                rooms.putIfAbsent(DiskRoom.of(path), path);
            }
        }
        List<Finding> findings = new ArrayList<>();
        rooms.forEach((room, path) -> judge(subject, room, path).ifPresent(findings::add));
        return findings;
    }

    Optional<Finding> judge(Subject subject, DiskRoom room, Path path) {
        String free = (room.free() >> 20) + " MiB of " + (room.bytes() >> 20) + " MiB free";
        String look = "see what fills it: du -xh --max-depth=2 " + path + " | sort -h | tail";
        Optional<Long> wanted = subject.app().checks().diskFree();
        if (wanted.isPresent() && room.free() < wanted.get()) {
            return Optional.of(subject.error(
                    this,
                    "the disk of " + path + " has less free than the " + (wanted.get() >> 20)
                            + " MiB of checks: disk_free",
                    look,
                    free));
        }
        if (room.freeFiles() < FEW_FILES) {
            return Optional.of(subject.warning(
                    this,
                    "the disk of " + path + " can take no more than " + room.freeFiles() + " new files",
                    "see where they are: du --inodes -x --max-depth=2 " + path + " | sort -n | tail",
                    room.freeFiles() + " of " + room.files() + " inodes free, " + free));
        }
        if (wanted.isEmpty() && room.free() < LITTLE && room.bytes() > LITTLE) {
            return Optional.of(subject.warning(this, "the disk of " + path + " is almost full", look, free));
        }
        return Optional.empty();
    }
}
