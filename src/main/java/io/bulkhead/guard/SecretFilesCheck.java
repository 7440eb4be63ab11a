package io.bulkhead.guard;

import io.bulkhead.linux.Access;
import io.bulkhead.linux.Identity;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Env files and private keys that every user of this host can read. */
final class SecretFilesCheck implements Check {

    /** Somebody without any right of their own: no user has this number, which is (uid_t) -2 on 16 bits. */
    private static final Identity ANYBODY = new Identity(65_534, 65_534, List.of(), "anybody", Path.of("/"));

    private static final int MOST = 200;

    @Override
    public String name() {
        return "secrets";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Access anybodys = new Access(Optional.of(ANYBODY));
        List<Finding> findings = new ArrayList<>();
        for (Path file : files(subject)) {
            boolean writes = anybodys.whyNotWrite(file).isEmpty();
            if (anybodys.whyNotRead(file).isEmpty() || writes) {
                findings.add(subject.warning(
                        this,
                        file + " can be " + (writes ? "changed" : "read") + " by every user of this host",
                        "chmod o-rwx " + file,
                        mode(file)));
            }
        }
        return findings;
    }

    private static String mode(Path file) throws IOException {
        return Files.getOwner(file) + " "
                + java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static Set<Path> files(Subject subject) throws IOException {
        Set<Path> files = new LinkedHashSet<>(subject.app().envFiles());
        for (Path named : subject.app().checks().files()) {
            if (isSecret(named.getFileName().toString()) && Files.exists(named)) {
                files.add(named);
            }
        }
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(subject.app().workingDir())) {
            int seen = 0;
            for (Path entry : entries) {
                if (++seen > MOST) {
                    break;
                }
                if (isSecret(entry.getFileName().toString()) && Files.isRegularFile(entry)) {
                    files.add(entry);
                }
            }
        }
        return files;
    }

    static boolean isSecret(String name) {
        boolean example = name.endsWith(".example")
                || name.endsWith(".sample")
                || name.endsWith(".dist")
                || name.endsWith(".template");
        return !example
                && (name.equals(".env")
                        || name.startsWith(".env.")
                        || name.equals(".npmrc")
                        || name.equals(".pgpass")
                        || name.endsWith(".key")
                        || name.endsWith(".p12")
                        || (name.startsWith("id_") && !name.endsWith(".pub")));
    }
}
