package io.bulkhead.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The files one log consists of, oldest first: {@code api.log.20261121-231500} (UTC; {@code -2} and on within one second;
 * {@code .gz} once compressed; {@code .idx} beside it) and at last {@code api.log}. Each has a generation, a number that stays with its
 * bytes when the file is renamed, so that a reader never loses its place. Any thread.
 */
final class LogSegments {

    private record Rotated(long generation, String stamp, int number) {}

    private final Path current;
    private final ArrayDeque<Rotated> rotated = new ArrayDeque<>();
    private boolean loaded;
    private long generation;
    private long emptied = -1;

    LogSegments(Path current) {
        this.current = current;
    }

    /** Gives the current file its rotated name. Without {@code keep} it is removed instead. */
    synchronized Optional<Path> rotate(long nowMillis, int keep) throws IOException {
        load();
        if (keep == 0) {
            Files.deleteIfExists(current);
            Files.deleteIfExists(LogIndex.beside(current));
            generation++;
            return Optional.empty();
        }
        Rotated next = nameAfter(rotated.peekLast(), stamp(nowMillis));
        Path target = path(next);
        Files.move(current, target, StandardCopyOption.ATOMIC_MOVE);
        rotated.add(next);
        generation++;
        try {
            Files.move(LogIndex.beside(current), LogIndex.beside(target), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException withoutIndex) {
            Files.deleteIfExists(LogIndex.beside(current)); // the bytes are safe; times of this segment are lost
        }
        prune(keep);
        return Optional.of(target);
    }

    /** Forgets and removes the oldest files beyond {@code keep}. */
    synchronized void prune(int keep) {
        load();
        while (rotated.size() > keep) {
            remove(rotated.removeFirst());
        }
    }

    /** The bytes of the current file are not the ones they were: it was emptied, replaced or removed. */
    synchronized void restarted() {
        load();
        emptied = generation;
        generation++;
    }

    /** Whether the bytes of {@code which} are no longer what they were, so that reading on would mix old and new. */
    synchronized boolean isEmptied(long which) {
        return which <= emptied;
    }

    synchronized long oldest() {
        load();
        return rotated.isEmpty() ? generation : rotated.peekFirst().generation();
    }

    synchronized long current() {
        load();
        return generation;
    }

    /**
     * Opens the file that holds {@code wanted}, wherever it is by now.
     *
     * @return empty when it is gone
     */
    synchronized Optional<LogSegment> open(long wanted) throws IOException {
        load();
        if (wanted == generation) {
            return LogSegment.open(current, false, Optional.empty());
        }
        for (Rotated one : rotated) {
            if (one.generation() == wanted) {
                Path path = path(one);
                Optional<LogSegment> plain = LogSegment.open(path, false, Optional.of(one.stamp()));
                return plain.isPresent() ? plain : LogSegment.open(compressed(path), true, Optional.of(one.stamp()));
            }
        }
        return Optional.empty();
    }

    /** Paths that exist, oldest first, the current one last even where it does not exist yet. */
    synchronized List<Path> paths() {
        load();
        List<Path> paths = new ArrayList<>();
        for (Rotated one : rotated) {
            Path path = path(one);
            paths.add(Files.exists(path) ? path : compressed(path));
        }
        paths.add(current);
        return paths;
    }

    /** Removes what a dead daemon left half compressed. */
    synchronized void removeUnfinished() {
        load();
        for (Rotated one : rotated) {
            try {
                Files.deleteIfExists(LogGzip.unfinished(path(one)));
            } catch (IOException kept) {
                // harmless but for its size, and tried again at the next start
            }
        }
    }

    /** The name a rotated file has once it is compressed. */
    static Path compressed(Path rotated) {
        return rotated.resolveSibling(rotated.getFileName() + ".gz");
    }

    private void remove(Rotated old) {
        Path path = path(old);
        for (Path each : List.of(path, compressed(path), LogIndex.beside(path))) {
            try {
                Files.deleteIfExists(each);
            } catch (IOException kept) {
                // A folder that lets nothing go lets nothing be made either: that is reported where the next file is
                // made.
            }
        }
    }

    /** Reads from the folder what former daemons left. */
    private void load() {
        if (loaded) {
            return;
        }
        loaded = true;
        String prefix = current.getFileName() + ".";
        List<Rotated> found = new ArrayList<>();
        Predicate<Path> mine = each -> each.getFileName().toString().startsWith(prefix);
        try (DirectoryStream<Path> folder = Files.newDirectoryStream(folder(), mine::test)) {
            for (Path each : folder) {
                String rest = each.getFileName().toString().substring(prefix.length());
                if (!rest.endsWith(LogIndex.SUFFIX)) {
                    parse(rest).filter(one -> !found.contains(one)).ifPresent(found::add);
                }
            }
        } catch (NoSuchFileException notYet) {
            return;
        } catch (IOException | UncheckedIOException | java.nio.file.DirectoryIteratorException unreadable) {
            return; // the pump's own open of the file will tell why
        }
        found.sort(Comparator.comparing(Rotated::stamp).thenComparingInt(Rotated::number));
        for (Rotated one : found) {
            rotated.add(new Rotated(generation++, one.stamp(), one.number()));
        }
    }

    private Path folder() {
        Path parent = current.getParent();
        return parent == null ? Path.of(".") : parent;
    }

    private Path path(Rotated one) {
        String suffix = one.number() > 1 ? one.stamp() + "-" + one.number() : one.stamp();
        return current.resolveSibling(current.getFileName() + "." + suffix);
    }

    /** A clock that was set back must not bring the newest file before older ones. */
    private Rotated nameAfter(@org.jspecify.annotations.Nullable Rotated last, String now) {
        if (last == null || now.compareTo(last.stamp()) > 0) {
            return new Rotated(generation, now, 1);
        }
        return new Rotated(generation, last.stamp(), last.number() + 1);
    }

    /** {@code 20261121-231500}, {@code 20261121-231500-2}, each perhaps with {@code .gz}. */
    private static Optional<Rotated> parse(String text) {
        String bare = text.endsWith(".gz") ? text.substring(0, text.length() - 3) : text;
        if (bare.length() < 15 || bare.charAt(8) != '-' || !digits(bare, 0, 8) || !digits(bare, 9, 15)) {
            return Optional.empty();
        }
        if (bare.length() == 15) {
            return Optional.of(new Rotated(0, bare, 1));
        }
        if (bare.charAt(15) != '-' || bare.length() == 16 || bare.length() > 25 || !digits(bare, 16, bare.length())) {
            return Optional.empty();
        }
        return Optional.of(new Rotated(0, bare.substring(0, 15), Integer.parseInt(bare, 16, bare.length(), 10)));
    }

    private static boolean digits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** {@code yyyyMMdd-HHmmss} in UTC: names sort by age also on the night the clocks go back. */
    static String stamp(long millis) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(Math.floorDiv(millis, 1000L), 0, ZoneOffset.UTC);
        int date = time.getYear() * 10000 + time.getMonthValue() * 100 + time.getDayOfMonth();
        int clock = time.getHour() * 10000 + time.getMinute() * 100 + time.getSecond();
        return date + "-" + Integer.toString(1_000_000 + clock).substring(1);
    }
}
