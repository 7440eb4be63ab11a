package io.bulkhead.story;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The durable story of what happened: events, numbered without ever going back, and incidents. Everything is written by one thread of
 * its own, asleep while nothing happens; recording never waits. Any thread, but for {@link #open} and {@link #close}.
 */
public final class History implements AutoCloseable {

    private static final int WAITING = 4096;
    private static final int BATCH = 256;
    private static final long PATIENCE_SECONDS = 10;

    private sealed interface Task {
        record Tell(StoryEvent event) implements Task {}

        record Open(Incident incident) implements Task {}

        record Other(Runnable work) implements Task {}

        record End() implements Task {}
    }

    private final LongSupplier clock;
    private final HistoryStore store;
    private final ArrayBlockingQueue<Task> tasks = new ArrayBlockingQueue<>(WAITING);
    private final CopyOnWriteArrayList<Consumer<StoryEvent>> followers = new CopyOnWriteArrayList<>();
    private final AtomicLong incidents;
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread;
    private long droppedTold;

    private History(HistoryStore store, LongSupplier clock) {
        this.store = store;
        this.clock = clock;
        incidents = new AtomicLong(store.lastIncident());
        thread = Thread.ofPlatform().name("history").daemon(true).unstarted(this::run);
    }

    /**
     * Opens {@code history.db} in {@code stateFolder}, making both where they are missing. Never fails: what cannot be written is kept in
     * memory (the newest thousand events), and {@link #problem} says why.
     *
     * @param clock ms since 1970
     */
    public static History open(Path stateFolder, LongSupplier clock) {
        return open(stateFolder, clock, HistoryFile.MOST_EVENTS, HistoryFile.MOST_INCIDENTS);
    }

    static History open(Path stateFolder, LongSupplier clock, int mostEvents, int mostIncidents) {
        History history =
                new History(new HistoryStore(stateFolder, mostEvents, mostIncidents, clock.getAsLong()), clock);
        history.thread.start();
        return history;
    }

    /** Records {@code event} under the next number. When thousands wait already it is dropped, and the next event says so. */
    public void record(StoryEvent event) {
        if (!tasks.offer(new Task.Tell(event))) {
            dropped.incrementAndGet();
        }
    }

    /** Opens an incident; returns its id at once. */
    public String openIncident(Incident incident) {
        String id = nextIncident();
        writeIncident(id, incident);
        return id;
    }

    /** The id of an incident that {@link #writeIncident} opens as soon as its evidence is there. */
    public String nextIncident() {
        return "i" + incidents.incrementAndGet();
    }

    /** Opens the incident with this id, or puts it in the place of what was written under that id. */
    public void writeIncident(String id, Incident incident) {
        if (!tasks.offer(new Task.Open(incident.withId(Incident.number(id))))) {
            dropped.incrementAndGet();
        }
    }

    /** Notes when an incident was over; one that is over already, or unknown, stays as it is. */
    public void resolveIncident(String id, long timeMillis) {
        long number = Incident.number(id);
        if (number >= 0 && !tasks.offer(new Task.Other(() -> store.resolve(number, timeMillis, clock.getAsLong())))) {
            dropped.incrementAndGet();
        }
    }

    /** Notes when everything that is open of an instance was over. */
    public void resolveIncidents(String app, int instance, long timeMillis) {
        Runnable work = () -> store.resolve(app, instance, timeMillis, clock.getAsLong());
        if (!tasks.offer(new Task.Other(work))) {
            dropped.incrementAndGet();
        }
    }

    /**
     * Events after {@code afterSeq}, oldest first, what was recorded before the call included.
     *
     * @param afterSeq negative: the newest {@code limit}, oldest of them first
     * @param app empty: of all
     * @throws IOException when the disk does not answer for ten seconds
     */
    public List<StoryEvent> events(long afterSeq, int limit, String app) throws IOException {
        return ask(() -> store.events(afterSeq, limit, app, clock.getAsLong()));
    }

    /** Incidents, newest first; otherwise as {@link #events}. */
    public List<Incident> incidents(String app, int limit) throws IOException {
        return ask(() -> store.incidents(app, limit, clock.getAsLong()));
    }

    /** The number of the newest event, 0 before the first. */
    public long lastSeq() throws IOException {
        return ask(store::lastSeq);
    }

    /**
     * Calls {@code follower} with every event once it is safely recorded, on the thread of the history: it must not wait. Ends with the
     * returned handle.
     */
    public AutoCloseable follow(Consumer<StoryEvent> follower) {
        followers.add(follower);
        return () -> followers.remove(follower);
    }

    /** Why history is kept in memory only; empty while all is well. */
    public Optional<String> problem() {
        return store.problem();
    }

    /** Events and incidents lost since the start because too many waited. */
    public long dropped() {
        return dropped.get();
    }

    /** Writes what waits and ends. */
    @Override
    public void close() {
        try {
            while (thread.isAlive() && !tasks.offer(new Task.End(), 1, TimeUnit.SECONDS)) {
                // the queue is full: what waits comes first
            }
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> T ask(Supplier<T> question) throws IOException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Task task = new Task.Other(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            if (!thread.isAlive() || !tasks.offer(task, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the history does not answer");
            }
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the history does not answer: is the disk with the state folder stuck?", e);
        } catch (ExecutionException e) {
            throw new IOException("the history cannot be read", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void run() {
        List<Task> batch = new ArrayList<>(BATCH);
        try (store) {
            writeNotices();
            for (boolean going = true; going; batch.clear()) {
                batch.add(tasks.take());
                tasks.drainTo(batch, BATCH - 1);
                try {
                    going = work(batch);
                } catch (RuntimeException bug) {
                    dropped.addAndGet(batch.size()); // told with the next event; the history itself must live
                }
            }
        } catch (InterruptedException nobodyDoesThat) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes neighbouring events and incidents together; says whether to go on. */
    private boolean work(List<Task> batch) {
        List<StoryEvent> events = new ArrayList<>();
        List<Incident> opened = new ArrayList<>();
        boolean going = true;
        for (Task task : batch) {
            switch (task) {
                case Task.Tell tell -> events.add(tell.event());
                case Task.Open open -> opened.add(open.incident());
                case Task.Other other -> {
                    write(events, opened);
                    other.work().run();
                }
                case Task.End end -> going = false;
            }
        }
        write(events, opened);
        writeNotices();
        return going;
    }

    private void write(List<StoryEvent> events, List<Incident> opened) {
        if (!events.isEmpty() || !opened.isEmpty()) {
            for (StoryEvent event : store.write(events, opened, clock.getAsLong())) {
                tell(event);
            }
            events.clear();
            opened.clear();
        }
    }

    /** What the history has to say about itself is an event too. */
    private void writeNotices() {
        List<StoryEvent> own = new ArrayList<>();
        long lost = dropped.get();
        if (lost > droppedTold) {
            own.add(own("history-overflow", Map.of("dropped", lost - droppedTold)));
            droppedTold = lost;
        }
        for (String notice : store.takeNotices()) {
            own.add(own("history-trouble", Map.of("message", notice)));
        }
        write(own, new ArrayList<>());
    }

    private StoryEvent own(String type, Map<String, Object> fields) {
        return StoryEvent.of(clock.getAsLong(), type, "", -1, "", fields);
    }

    private void tell(StoryEvent event) {
        for (Consumer<StoryEvent> follower : followers) {
            try {
                follower.accept(event);
            } catch (RuntimeException broken) {
                followers.remove(follower); // one that fails once is not asked again; the others go on
            }
        }
    }
}
