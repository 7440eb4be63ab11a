package io.bulkhead.story;

import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Origin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What the daemon must know again after any end, a power cut included: which instances a person stopped, which apps there are, how much memory each took, how
 * each instance has fared, and which rolls are under way. One small file each ({@code holds/api@0}, {@code apps/api}, {@code peaks/api}, {@code instances/api@0}, {@code
 * rolls/api}, {@code scales/api}, {@code externals/postgres}), replaced whole and synced, apart from the history: damage to one costs no other. Changes are carried out in order on a thread that lives only while there is
 * work, a later one of the same file in place of an earlier one that still waits; they are known at once to those who ask here.
 */
public final class StateStore {

    /**
     * @param origin who brought it
     * @param source the app as one JSON document ({@code AppSpec.source()})
     */
    public record App(Origin origin, String source) {}

    /** What may be noted of an app in words that only the writer reads. */
    public enum Note {
        /** A roll that is under way or watched. */
        ROLL("rolls"),
        /** How many instances a person gave it. */
        SCALE("scales"),
        /** Who an external is; by the name of the external, which no app has. */
        SERVER("externals");

        private final String folder;

        Note(String folder) {
            this.folder = folder;
        }
    }

    private static final int WAITING = 4096;

    private record Change(Path file, Optional<String> content, Consumer<Optional<String>> done) {

        /** This one in place of {@code earlier}, whose hopes it fulfils too. */
        Change insteadOf(Change earlier) {
            return new Change(file, content, earlier.done.andThen(done));
        }
    }

    private final Path holdFolder;
    private final Path appFolder;
    private final Path peakFolder;
    private final Path instanceFolder;
    private final Path stateFolder;
    private final TreeSet<InstanceId> holds = new TreeSet<>();
    private final TreeMap<String, App> apps = new TreeMap<>();
    private final TreeMap<String, String> peaks = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private final TreeMap<InstanceId, String> instances = new TreeMap<>();
    private final Map<Note, TreeMap<String, String>> notes = new EnumMap<>(Note.class);
    private final LinkedHashMap<Path, Change> changes = new LinkedHashMap<>();
    private boolean working;

    /** Reads what there is in {@code stateFolder}; what cannot be read is told by {@link #problems} and left alone. */
    public StateStore(Path stateFolder) {
        holdFolder = stateFolder.resolve("holds");
        appFolder = stateFolder.resolve("apps");
        peakFolder = stateFolder.resolve("peaks");
        instanceFolder = stateFolder.resolve("instances");
        this.stateFolder = stateFolder;
        readAll(holdFolder, (name, text) -> holds.add(instance(name)));
        readAll(appFolder, (name, text) -> {
            int end = text.indexOf('\n');
            apps.put(name, new App(Origin.valueOf(text.substring(0, end)), text.substring(end + 1)));
        });
        readAll(peakFolder, peaks::put);
        readAll(instanceFolder, (name, text) -> instances.put(instance(name), text));
        for (Note note : Note.values()) {
            TreeMap<String, String> known = new TreeMap<>();
            readAll(stateFolder.resolve(note.folder), known::put);
            notes.put(note, known);
        }
    }

    private static String name(InstanceId instance) {
        return instance.app() + "@" + instance.index();
    }

    private static InstanceId instance(String name) {
        int at = name.lastIndexOf('@');
        return new InstanceId(name.substring(0, at), Integer.parseInt(name.substring(at + 1)));
    }

    /** The record of an app's highest use of memory ({@code PeakRecord.write()}); empty where there is none. */
    public synchronized Optional<String> peaks(String app) {
        return Optional.ofNullable(peaks.get(app));
    }

    /** Instances that a person stopped and that stay stopped until they are started. */
    public synchronized Set<InstanceId> holds() {
        return Set.copyOf(holds);
    }

    /** Apps by name. */
    public synchronized TreeMap<String, App> apps() {
        return new TreeMap<>(apps);
    }

    /** What was noted of each instance. */
    public synchronized TreeMap<InstanceId, String> instances() {
        return new TreeMap<>(instances);
    }

    /** What was noted, by app. */
    public synchronized TreeMap<String, String> notes(Note note) {
        return new TreeMap<>(known(note));
    }

    private TreeMap<String, String> known(Note note) {
        return notes.getOrDefault(note, new TreeMap<>());
    }

    /** Sentences about files that could not be read at the start. */
    public synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    /**
     * Remembers that {@code instance} is held, or no more.
     *
     * @param done called on the thread of the store once it is on the disk, with nothing, or with why it is not
     */
    public synchronized void hold(InstanceId instance, boolean held, Consumer<Optional<String>> done) {
        if (held) {
            holds.add(instance);
        } else {
            holds.remove(instance);
        }
        Path file = holdFolder.resolve(name(instance));
        submit(new Change(file, held ? Optional.of("stopped by a person\n") : Optional.empty(), done));
    }

    /** Remembers an app; {@code done} as for {@link #hold}. */
    public synchronized void remember(String app, App what, Consumer<Optional<String>> done) {
        apps.put(app, what);
        submit(new Change(appFolder.resolve(app), Optional.of(what.origin() + "\n" + what.source()), done));
    }

    /** Remembers the record of an app's highest use of memory; {@code done} as for {@link #hold}. */
    public synchronized void rememberPeaks(String app, String record, Consumer<Optional<String>> done) {
        peaks.put(app, record);
        submit(new Change(peakFolder.resolve(app), Optional.of(record), done));
    }

    /** Notes how {@code instance} fares; {@code done} as for {@link #hold}. */
    public synchronized void noteInstance(InstanceId instance, String note, Consumer<Optional<String>> done) {
        if (note.equals(instances.put(instance, note))) {
            done.accept(Optional.empty());
            return;
        }
        submit(new Change(instanceFolder.resolve(name(instance)), Optional.of(note), done));
    }

    /** Notes {@code words} of {@code app} in place of what was noted, or with empty ones nothing; {@code done} as for {@link #hold}. */
    public synchronized void note(Note note, String app, Optional<String> words, Consumer<Optional<String>> done) {
        if (words.isPresent()) {
            known(note).put(app, words.get());
        } else {
            known(note).remove(app);
        }
        submit(new Change(stateFolder.resolve(note.folder).resolve(app), words, done));
    }

    /** Forgets an app and all that was remembered of it; {@code done} as for {@link #hold}. */
    public synchronized void forget(String app, Consumer<Optional<String>> done) {
        for (InstanceId each : holds()) {
            if (each.app().equals(app)) {
                hold(each, false, result -> {});
            }
        }
        apps.remove(app);
        for (InstanceId each : instances().keySet()) {
            if (each.app().equals(app)) {
                instances.remove(each);
                submit(new Change(instanceFolder.resolve(name(each)), Optional.empty(), result -> {}));
            }
        }
        for (Note note : Note.values()) {
            if (known(note).containsKey(app)) {
                note(note, app, Optional.empty(), result -> {});
            }
        }
        if (peaks.remove(app) != null) {
            submit(new Change(peakFolder.resolve(app), Optional.empty(), result -> {}));
        }
        submit(new Change(appFolder.resolve(app), Optional.empty(), done));
    }

    /** Waits until all that was to be remembered so far is on the disk, or cannot be; at most {@code millis}. */
    public synchronized void settle(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (working) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    private void submit(Change change) {
        Change earlier = changes.get(change.file());
        if (earlier != null) {
            changes.put(change.file(), change.insteadOf(earlier));
            return;
        }
        if (changes.size() >= WAITING) {
            change.done().accept(Optional.of("the state folder does not answer: is its disk stuck?"));
            return;
        }
        changes.put(change.file(), change);
        if (!working) {
            working = true;
            Thread.ofPlatform().name("state").daemon(false).start(this::work);
        }
    }

    private void work() {
        while (true) {
            Change next;
            synchronized (this) {
                if (changes.isEmpty()) {
                    working = false;
                    notifyAll();
                    return;
                }
                next = changes.pollFirstEntry().getValue();
            }
            Optional<String> failure = Optional.empty();
            try {
                carryOut(next);
            } catch (IOException e) {
                failure = Optional.of("cannot be remembered: " + next.file() + ": " + e.getMessage());
            }
            next.done().accept(failure);
        }
    }

    private static void carryOut(Change change) throws IOException {
        Path folder = change.file().getParent();
        if (folder == null) {
            throw new IOException("no folder");
        }
        if (change.content().isPresent()) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path unfinished = folder.resolve("~" + change.file().getFileName()); // no app's name begins with a tilde
            Files.deleteIfExists(unfinished);
            try (FileChannel out = FileChannel.open(
                    unfinished,
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(change.content().get().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(unfinished, change.file(), StandardCopyOption.ATOMIC_MOVE);
        } else if (!Files.deleteIfExists(change.file())) {
            return;
        }
        try (FileChannel entry = FileChannel.open(folder)) {
            entry.force(true); // the name itself is on the disk only then
        }
    }

    private interface Entry {
        void read(String name, String text);
    }

    private void readAll(Path folder, Entry entry) {
        if (!Files.exists(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.startsWith("~")) {
                    read(file, name, entry);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            problems.add(folder + " cannot be read: " + e.getMessage());
        }
    }

    private void read(Path file, String name, Entry entry) {
        try {
            entry.read(name, Files.readString(file));
        } catch (IOException | RuntimeException e) {
            problems.add(file + " cannot be understood and is left out: " + e.getMessage());
        }
    }
}
