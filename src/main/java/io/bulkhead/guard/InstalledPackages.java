package io.bulkhead.guard;

import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Everything in a node_modules, each package.json read once. Links are not followed below it, so that nothing is seen twice and no circle is walked. */
final class InstalledPackages {

    private static final int MOST_PACKAGES = 50_000;
    private static final int MOST_TROUBLES = 20;
    private static final int DEEPEST = 24;
    private static final int THREADS = 4;
    private static final String MODULES = "node_modules";
    private static final String DESCRIPTION = "package.json";

    private final Path root;
    private final Queue<Installed> found = new ConcurrentLinkedQueue<>();
    private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<String, Installed> byPlace = new TreeMap<>();

    private InstalledPackages(Path root) {
        this.root = root;
    }

    /** Looks through {@code root/node_modules}, which may be a link. */
    static InstalledPackages in(Path root) throws InterruptedException {
        InstalledPackages packages = new InstalledPackages(root);
        List<Folder> top = new ArrayList<>();
        packages.list(root.resolve(MODULES), MODULES, 0, top);
        ExecutorService threads = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon(true).name("packages-", 0).factory());
        try {
            List<Callable<Boolean>> parts = new ArrayList<>();
            Queue<Folder> waiting = new ConcurrentLinkedQueue<>(top);
            for (int i = 0; i < THREADS; i++) {
                parts.add(() -> packages.work(waiting));
            }
            for (Future<Boolean> part : threads.invokeAll(parts)) {
                part.get();
            }
        } catch (ExecutionException bug) {
            throw new IllegalStateException(bug.getCause());
        } finally {
            threads.shutdownNow();
        }
        packages.found.forEach(one -> packages.byPlace.put(one.place(), one));
        return packages;
    }

    /** By place. */
    Map<String, Installed> all() {
        return byPlace;
    }

    /** Why some of it could not be looked at, sentences; at most twenty. */
    List<String> troubles() {
        return List.copyOf(troubles);
    }

    /** What {@code require(name)} in {@code from} (a folder at or below the root) finds. */
    Optional<Installed> resolve(Path from, String name) {
        String below = from.equals(root) ? "" : root.relativize(from) + "/";
        while (true) {
            Installed one = byPlace.get(below + MODULES + "/" + name);
            if (one != null) {
                return Optional.of(one);
            }
            if (below.isEmpty()) {
                return Optional.empty();
            }
            below = below.substring(0, below.lastIndexOf('/', below.length() - 2) + 1);
        }
    }

    private record Folder(Path path, String place, int depth, boolean link) {}

    private boolean work(Queue<Folder> waiting) {
        Folder next = waiting.poll();
        while (next != null && !Thread.currentThread().isInterrupted()) {
            look(next);
            next = waiting.poll();
        }
        return true;
    }

    /** The packages in {@code modules}: also those in scopes, and those of pnpm's store. */
    private void list(Path modules, String place, int depth, List<Folder> into) {
        if (depth > DEEPEST) {
            trouble(modules + " is nested deeper than " + DEEPEST
                    + " folders of packages: what is below it was not looked at");
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(modules)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (count.get() + into.size() > MOST_PACKAGES) {
                    trouble(root.resolve(MODULES) + " has more than " + MOST_PACKAGES
                            + " packages: the others were not looked at");
                    return;
                }
                if (name.equals(".pnpm")) {
                    listStore(entry, place + "/" + name, depth, into);
                } else if (name.startsWith("@")) {
                    list(entry, place + "/" + name, depth + 1, into);
                } else if (!name.startsWith(".")) {
                    boolean link = Files.isSymbolicLink(entry);
                    if (link || Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                        into.add(new Folder(entry, place + "/" + name, depth, link));
                    }
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException failed) {
            cannotRead(modules, failed);
        }
    }

    private void listStore(Path store, String place, int depth, List<Folder> into) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(store)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (!name.equals(MODULES) && Files.isDirectory(entry.resolve(MODULES))) {
                    list(entry.resolve(MODULES), place + "/" + name + "/" + MODULES, depth + 1, into);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException failed) {
            cannotRead(store, failed);
        }
    }

    private void look(Folder folder) {
        if (count.incrementAndGet() > MOST_PACKAGES) {
            return;
        }
        boolean mayBeNative = false;
        boolean nested = false;
        if (!folder.link()) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder.path())) {
                for (Path entry : entries) {
                    String name = String.valueOf(entry.getFileName());
                    nested |= name.equals(MODULES);
                    mayBeNative |= name.equals("binding.gyp")
                            || name.equals("prebuilds")
                            || name.equals("build")
                            || name.endsWith(".node");
                }
            } catch (IOException | java.nio.file.DirectoryIteratorException failed) {
                cannotRead(folder.path(), failed);
                found.add(unread(folder, Installed.State.UNREAD, folder.path() + " cannot be read"));
                return;
            }
        }
        found.add(describe(folder, mayBeNative));
        if (nested) {
            List<Folder> below = new ArrayList<>();
            list(folder.path().resolve(MODULES), folder.place() + "/" + MODULES, folder.depth() + 1, below);
            below.forEach(this::look);
        }
    }

    private static Installed describe(Folder folder, boolean mayBeNative) {
        Path file = folder.path().resolve(DESCRIPTION);
        try {
            JsonFile description = JsonFile.read(file);
            // Packages that are made for one platform hold little but the add-on.
            boolean forPlatform = description.has("cpu") || description.has("binary") || description.flag("gypfile");
            return new Installed(
                    folder.place(),
                    folder.path(),
                    Installed.State.READ,
                    "",
                    description.text("name").orElse(""),
                    description.text("version").orElse(""),
                    description.object("engines").text("node").orElse(""),
                    folder.link(),
                    !folder.link() && (mayBeNative || forPlatform));
        } catch (IOException failed) {
            Installed.State state = failed.getCause() instanceof NoSuchFileException
                    ? Installed.State.MISSING
                    : failed.getCause() instanceof JsonException ? Installed.State.BROKEN : Installed.State.UNREAD;
            return unread(folder, state, String.valueOf(failed.getMessage()));
        }
    }

    private static Installed unread(Folder folder, Installed.State state, String trouble) {
        return new Installed(folder.place(), folder.path(), state, trouble, "", "", "", folder.link(), false);
    }

    private void cannotRead(Path folder, Exception failed) {
        Throwable why =
                failed instanceof java.nio.file.DirectoryIteratorException wrapped ? wrapped.getCause() : failed;
        if (why instanceof NoSuchFileException || why instanceof NotDirectoryException) {
            return;
        }
        trouble(folder + " cannot be read: "
                + (why instanceof AccessDeniedException ? "permission denied" : why == null ? "unknown" : why.getMessage()));
    }

    private void trouble(String sentence) {
        if (troubles.size() < MOST_TROUBLES) {
            troubles.add(sentence);
        }
    }
}
