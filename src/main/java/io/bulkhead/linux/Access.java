package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a user may do with files, judged from the outside by mode bits along the whole path (path_resolution(7)), before a program is
 * started as that user. Where an access control list is attached the answer is yes: the kernel will tell.
 */
public final class Access {

    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;
    private static final int DIRECTORY = 0040000;
    private static final int TYPE = 0170000;
    private static final int MOST_LINKS = 40;

    private final Optional<Identity> identity;

    /** @param identity empty: this process itself, for which the kernel is asked */
    public Access(Optional<Identity> identity) {
        this.identity = identity;
    }

    /** Why the user cannot go into {@code folder}; empty when that should work. */
    Optional<String> whyNotEnter(Path folder) {
        return why(folder, EXECUTE)
                .or(() -> Files.isDirectory(folder) ? Optional.empty() : Optional.of("not a directory"));
    }

    /** Why the user cannot execute {@code file}; empty when that should work. */
    Optional<String> whyNotExecute(Path file) {
        Optional<String> reached = why(file, 0);
        if (reached.isPresent()) {
            return reached;
        }
        if (Files.isDirectory(file)) {
            return Optional.of("is a directory");
        }
        // The kernel wants at least one execute bit even of root.
        return why(file, EXECUTE)
                .map(denied ->
                        denied.startsWith("permission denied") && !anyExecutes(file) ? "not executable" : denied);
    }

    /** Why the user cannot write to {@code file}, or make files in it where it is a folder; empty when that should work. */
    public Optional<String> whyNotWrite(Path file) {
        return why(file, WRITE).or(() -> Files.isDirectory(file) ? why(file, WRITE | EXECUTE) : Optional.empty());
    }

    /** Why the user cannot read {@code file}; empty when that should work. */
    public Optional<String> whyNotRead(Path file) {
        return why(file, READ);
    }

    private Optional<String> why(Path path, int wanted) {
        try {
            Path reached = walk(path.toAbsolutePath());
            return wanted == 0 || allows(reached, wanted)
                    ? Optional.empty()
                    : Optional.of("permission denied" + asWhom());
        } catch (NoSuchFileException missing) {
            return Optional.of(
                    missing.getFile().equals(path.normalize().toString())
                            ? "no such file or directory"
                            : missing.getFile() + " does not exist");
        } catch (Denied denied) {
            return Optional.of("permission denied" + asWhom() + ": " + denied.getFile() + " cannot be entered");
        } catch (AccessDeniedException hidden) {
            return Optional.of("permission denied" + asWhom());
        } catch (IOException other) {
            return Optional.of(other.getMessage() == null ? other.toString() : other.getMessage());
        }
    }

    private String asWhom() {
        return identity.map(who -> " for user " + who.name()).orElse("");
    }

    /** Follows {@code path} component by component, links included, asking each folder for the right to pass. */
    private Path walk(Path path) throws IOException {
        Deque<Path> rest = new ArrayDeque<>();
        path.forEach(rest::addLast);
        Path at = Path.of("/");
        int links = 0;
        while (!rest.isEmpty()) {
            if (!allows(at, EXECUTE)) {
                throw new Denied(at.toString());
            }
            Path name = rest.removeFirst();
            if (name.toString().isEmpty() || name.toString().equals(".")) {
                continue;
            }
            if (name.toString().equals("..")) {
                Path parent = at.getParent();
                at = parent == null ? at : parent;
                continue;
            }
            Path next = at.resolve(name);
            if (!Files.isSymbolicLink(next)) {
                if (Files.notExists(next, LinkOption.NOFOLLOW_LINKS)) {
                    throw new NoSuchFileException(next.toString());
                }
                at = next;
                continue;
            }
            if (++links > MOST_LINKS) {
                throw new FileSystemLoopException(next.toString());
            }
            Path target = Files.readSymbolicLink(next);
            List<Path> parts = new ArrayList<>();
            target.forEach(parts::add);
            for (Path part : parts.reversed()) {
                rest.addFirst(part);
            }
            at = target.isAbsolute() ? Path.of("/") : at;
        }
        return at;
    }

    /** The kernel's own order: owner, else group, else others; root passes folders always and files with any execute bit. */
    private boolean allows(Path file, int wanted) throws IOException {
        if (identity.isEmpty()) {
            return ((wanted & READ) == 0 || Files.isReadable(file))
                    && ((wanted & WRITE) == 0 || Files.isWritable(file))
                    && ((wanted & EXECUTE) == 0 || Files.isExecutable(file));
        }
        Identity who = identity.get();
        Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,uid,gid");
        int mode = number(attributes, "mode");
        if (who.uid() == 0) {
            return (wanted & EXECUTE) == 0 || (mode & TYPE) == DIRECTORY || (mode & 0111) != 0;
        }
        int gid = number(attributes, "gid");
        int shift = number(attributes, "uid") == who.uid()
                ? 6
                : gid == who.gid() || who.groups().contains(gid) ? 3 : 0;
        return (mode >> shift & wanted) == wanted || AccessLists.attached(file);
    }

    private static boolean anyExecutes(Path file) {
        try {
            return (number(Files.readAttributes(file, "unix:mode"), "mode") & 0111) != 0;
        } catch (IOException cannotTell) {
            return true;
        }
    }

    private static int number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Integer number ? number : 0;
    }

    /** A folder on the way that the user may not pass. */
    private static final class Denied extends java.nio.file.FileSystemException {
        private static final long serialVersionUID = 1L;

        Denied(String folder) {
            super(folder);
        }
    }
}
