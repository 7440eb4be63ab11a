package io.bulkhead.story;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Events and incidents in the database, or in memory while there is none that works: a damaged one is moved aside and a new one begun, a
 * folder that takes nothing is tried again every minute. Numbers go on whatever happens. Owned by one thread.
 */
final class HistoryStore implements AutoCloseable {

    private static final long RETRY_MILLIS = 60_000;
    private static final int PRUNE_EVERY = 1000;
    private static final int DAMAGED_KEPT = 2;

    /** Something to do with the database; may be carried out again after a failure. */
    private interface Work {
        void with(HistoryFile file) throws SQLException;
    }

    private final Path folder;
    private final Path path;
    private final SeqMark mark;
    private final HistoryMemory memory = new HistoryMemory();
    private final List<String> notices = new ArrayList<>();
    private final int mostEvents;
    private final int mostIncidents;
    private Optional<HistoryFile> file = Optional.empty();
    private volatile Optional<String> problem = Optional.empty();
    private long seq;
    private long incident;
    private long retryAt = Long.MIN_VALUE;
    private int sincePruned;

    HistoryStore(Path folder, int mostEvents, int mostIncidents, long nowMillis) {
        this.folder = folder;
        this.mostEvents = mostEvents;
        this.mostIncidents = mostIncidents;
        path = folder.resolve("history.db");
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException shownByTheDatabase) {
            // opening it says what is wrong
        }
        mark = new SeqMark(folder.resolve("history.seq"));
        seq = mark.seq();
        incident = mark.incident();
        ready(nowMillis);
    }

    /** Why events are kept in memory only; empty while all is well. Any thread. */
    Optional<String> problem() {
        return problem;
    }

    /** Sentences for people about what happened to the database since the last call. */
    List<String> takeNotices() {
        List<String> taken = List.copyOf(notices);
        notices.clear();
        return taken;
    }

    /** The greatest number any event has. */
    long lastSeq() {
        return seq;
    }

    /** The greatest number any incident has. */
    long lastIncident() {
        return incident;
    }

    /** Numbers the events and writes all or, where the database fails, keeps all in memory. Events come back numbered. */
    List<StoryEvent> write(List<StoryEvent> events, List<Incident> opened, long nowMillis) {
        List<StoryEvent> numbered = new ArrayList<>(events.size());
        for (StoryEvent event : events) {
            numbered.add(event.withSeq(++seq));
        }
        for (Incident one : opened) {
            incident = Math.max(incident, Incident.number(one.id()));
        }
        mark.reaches(seq, incident);
        boolean written = attempt(nowMillis, to -> {
            for (StoryEvent event : numbered) {
                to.insert(event);
            }
            for (Incident one : opened) {
                to.insert(one);
            }
            sincePruned += numbered.size() + opened.size();
            if (sincePruned >= PRUNE_EVERY) {
                sincePruned = 0;
                to.prune(nowMillis, mostEvents, mostIncidents);
            }
        });
        if (!written) {
            numbered.forEach(memory::add);
            opened.forEach(memory::add);
        }
        return numbered;
    }

    void resolve(long number, long millis, long nowMillis) {
        if (!attempt(nowMillis, to -> to.resolve(number, millis))) {
            memory.resolve(number, millis);
        }
    }

    void resolve(String app, int instance, long millis, long nowMillis) {
        if (!attempt(nowMillis, to -> to.resolve(app, instance, millis))) {
            memory.resolve(app, instance, millis);
        }
    }

    List<StoryEvent> events(long afterSeq, int limit, String app, long nowMillis) {
        List<StoryEvent> found = new ArrayList<>();
        return attempt(nowMillis, from -> found.addAll(from.events(afterSeq, limit, app)))
                ? found
                : memory.events(afterSeq, limit, app);
    }

    List<Incident> incidents(String app, int limit, long nowMillis) {
        List<Incident> found = new ArrayList<>();
        return attempt(nowMillis, from -> found.addAll(from.incidents(app, limit)))
                ? found
                : memory.incidents(app, limit);
    }

    @Override
    public void close() {
        if (file.isPresent()) {
            mark.exactly(seq, incident);
        }
        discard();
    }

    /** Does {@code work} in a transaction of its own, with a second try in a new database where this one is damaged. */
    private boolean attempt(long nowMillis, Work work) {
        for (int tries = 0; tries < 2; tries++) {
            if (!ready(nowMillis)) {
                return false;
            }
            HistoryFile open = file.get();
            try {
                work.with(open);
                open.commit();
                return true;
            } catch (SQLException e) {
                failed(e, nowMillis);
            }
        }
        return false;
    }

    /** Opens the database where it is not open and the time for a try has come, and saves what memory holds. */
    private boolean ready(long nowMillis) {
        for (int tries = 0; tries < 2 && file.isEmpty() && nowMillis >= retryAt; tries++) {
            try {
                HistoryFile opened = HistoryFile.open(path);
                file = Optional.of(opened);
                seq = Math.max(seq, opened.lastSeq());
                incident = Math.max(incident, opened.lastIncident());
                mark.reaches(seq, incident);
                save(opened);
                opened.prune(nowMillis, mostEvents, mostIncidents);
                opened.commit();
                if (problem.isPresent()) {
                    notices.add("history is written again" + lost());
                }
                memory.clear();
                problem = Optional.empty();
            } catch (SQLException | IOException | LinkageError e) {
                failed(e, nowMillis);
            }
        }
        return file.isPresent();
    }

    private void save(HistoryFile to) throws SQLException {
        for (StoryEvent event : memory.events) {
            to.insert(event);
        }
        for (Incident one : memory.incidents) {
            to.insert(one);
        }
    }

    private String lost() {
        return memory.lost() > 0 ? "; " + memory.lost() + " older entries did not fit in memory and are lost" : "";
    }

    private void failed(Throwable why, long nowMillis) {
        discard();
        if (isDamaged(why) && moveAside(nowMillis)) {
            return;
        }
        retryAt = nowMillis + RETRY_MILLIS;
        String text = "history is kept in memory only: " + path + ": " + why.getMessage();
        if (problem.isEmpty()) {
            notices.add(text);
        }
        problem = Optional.of(text);
    }

    private void discard() {
        if (file.isPresent()) {
            try {
                file.get().close();
            } catch (SQLException broken) {
                // it is being given up
            }
            file = Optional.empty();
        }
    }

    private static boolean isDamaged(Throwable why) {
        return why instanceof SQLiteException e
                && (isDamage(e.getResultCode(), SQLiteErrorCode.SQLITE_CORRUPT)
                        || isDamage(e.getResultCode(), SQLiteErrorCode.SQLITE_NOTADB));
    }

    /** Extended codes carry the plain one in their low byte. */
    private static boolean isDamage(SQLiteErrorCode code, SQLiteErrorCode wanted) {
        return (code.code & 0xff) == wanted.code;
    }

    private boolean moveAside(long nowMillis) {
        Path aside = folder.resolve("history.db.damaged-" + nowMillis);
        try {
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(folder.resolve("history.db-wal"));
            Files.deleteIfExists(folder.resolve("history.db-shm"));
            keepFewDamaged();
        } catch (IOException stays) {
            return false;
        }
        notices.add("the history was damaged: it is now " + aside + ", and a new one begins");
        return true;
    }

    private void keepFewDamaged() throws IOException {
        List<Path> damaged = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "history.db.damaged-*")) {
            found.forEach(damaged::add);
        }
        damaged.sort(null);
        for (Path old : damaged.subList(0, Math.max(0, damaged.size() - DAMAGED_KEPT))) {
            Files.deleteIfExists(old);
        }
    }
}
