package io.bulkhead.host;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Whether one of the daemon's folders takes files, and how much. */
final class DoctorFolder {

    private static final long LITTLE_SPACE = 100L << 20;

    private DoctorFolder() {}

    /** A file is made there and removed: root may write where permissions say no, and nobody on a read-only file system. */
    static DoctorFinding look(String check, Path folder) {
        long free;
        try {
            Files.delete(Files.createTempFile(folder, ".doctor-", ""));
            free = Files.getFileStore(folder).getUsableSpace();
        } catch (IOException refused) {
            return DoctorFinding.error(
                    check,
                    "the " + check + " folder " + folder + " cannot be written: " + reason(refused),
                    "making a file in it fails",
                    "mount it writable, give the daemon's user the right to write there, or choose another home");
        }
        String message =
                "the " + check + " folder " + folder + " can be written, " + Doctor.mebibytes(free) + " are free";
        return free >= LITTLE_SPACE
                ? DoctorFinding.ok(check, message, "")
                : DoctorFinding.warning(
                        check,
                        "little space for the " + check + " folder " + folder + ": " + Doctor.mebibytes(free)
                                + " are free",
                        "less than " + Doctor.mebibytes(LITTLE_SPACE),
                        "make room on that disk: what cannot be written is lost, the programs go on");
    }

    /** The same before the first daemon of a home, which makes the folder. */
    static DoctorFinding foresee(String check, Path folder) {
        if (Files.exists(folder)) {
            return look(check, folder);
        }
        Path parent = folder.toAbsolutePath();
        while (parent.getParent() != null && !Files.exists(parent)) {
            parent = parent.getParent();
        }
        return Files.isWritable(parent) && Files.isDirectory(parent)
                ? DoctorFinding.ok(check, "the " + check + " folder " + folder + " will be made by the daemon", "")
                : DoctorFinding.error(
                        check,
                        "the " + check + " folder " + folder + " cannot be made",
                        parent + " cannot be written or entered",
                        "choose a home in a folder that you may write, or make the folder and give it to the daemon's user");
    }

    /** In the kernel's words, such as "Read-only file system". */
    private static String reason(IOException refused) {
        return switch (refused) {
            case AccessDeniedException denied -> "Permission denied";
            case NoSuchFileException missing -> "there is no such folder";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            default -> String.valueOf(refused.getMessage());
        };
    }
}
