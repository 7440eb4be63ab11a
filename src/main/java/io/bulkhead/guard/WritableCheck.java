package io.bulkhead.guard;

import io.bulkhead.linux.Access;
import io.bulkhead.linux.DiskRoom;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Folders under {@code checks.writable}: there, and the app's user may write to them. */
final class WritableCheck implements Check {

    @Override
    public String name() {
        return "writable";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Access access = new Access(subject.identity());
        Optional<String> user = subject.identity().map(who -> who.name());
        List<Finding> findings = new ArrayList<>();
        for (Path path : subject.app().checks().writable()) {
            Optional<String> why = access.whyNotWrite(path);
            if (why.isPresent()) {
                findings.add(subject.error(
                        this,
                        "it cannot write to " + path + ": " + why.get(),
                        fix(path, user),
                        Files.exists(path) ? "belongs to " + Files.getOwner(path) : "does not exist"));
            } else if (DiskRoom.of(path).readOnly()) {
                findings.add(subject.error(
                        this,
                        "it cannot write to " + path + ": its file system is mounted read-only",
                        "look why with: dmesg | grep -i 'remount'"));
            }
        }
        return findings;
    }

    private static String fix(Path path, Optional<String> user) {
        if (Files.exists(path)) {
            return user.map(name -> "chown -R " + name + " " + path).orElse("chmod u+w " + path);
        }
        return user.map(name -> "install -d -o " + name + " " + path).orElse("mkdir -p " + path);
    }
}
