package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * What {@code up} shows: the lines of all apps with coloured names before them, events as sentences, and on a terminal the
 * status below, redrawn as things happen. It knows only what the daemon's socket tells. Three virtual threads; what a slow
 * terminal cannot take is counted, not kept.
 */
public final class LiveView implements AutoCloseable {

    private static final int LONGEST_LINE = 8 << 10;
    private static final int LONGEST_EVENT = 64 << 10;
    private static final int TICK_MILLIS = 1000;
    private static final int AGAIN_MILLIS = 200;

    /** What apps say while they end comes through their logs a moment later. */
    private static final int LAST_WORDS_MILLIS = 150;

    private final Client client;
    private final LivePane pane;
    private volatile Set<String> several = Set.of();
    private volatile boolean closed;
    private volatile long lastSeq = -1;

    private LiveView(Client client, LivePane pane) {
        this.client = client;
        this.pane = pane;
    }

    /**
     * Begins to show. Asks nothing on the calling thread, which may be the one that is to answer.
     *
     * @param options whose daemon, and whether to paint
     * @param columns width of the terminal now; asked before each drawing, 0 when unknown
     */
    public static LiveView start(DaemonOptions options, Caller caller, IntSupplier columns) {
        LivePane pane = new LivePane(caller, options.colour(), columns);
        LiveView view = new LiveView(new Client(options.home().socket()), pane);
        Thread.ofVirtual().name("live-events").start(view::events);
        Thread.ofVirtual().name("live-logs").start(view::logs);
        Thread.ofVirtual().name("live-status").start(view::ticks);
        return view;
    }

    /** Puts a sentence of the daemon's own among the lines: "stopping everything, press Ctrl-C again to kill". */
    public void say(String sentence) {
        pane.line(pane.sentence(Colour.NONE, Text.safe(sentence)));
        pane.draw();
    }

    /** Removes the status from the bottom and stops showing; what has arrived is printed first. */
    @Override
    public void close() {
        pause(LAST_WORDS_MILLIS);
        closed = true;
        lastEvents();
        pane.close();
    }

    private void ticks() {
        while (!closed) {
            status();
            pause(TICK_MILLIS);
        }
    }

    private void status() {
        try (Reply reply = client.get("/v1/status")) {
            Doc status = Doc.of(reply.json());
            several = EventsView.several(status);
            pane.status(status);
        } catch (IOException e) {
            return; // ending, or not begun: the next tick asks again
        }
        pane.draw();
    }

    private void events() {
        while (!closed) {
            try (Reply reply =
                    client.get("/v1/events?format=lines" + (lastSeq < 0 ? "&last=50" : "&after=" + lastSeq))) {
                LineInput lines = new LineInput(reply.body(), LONGEST_EVENT);
                for (byte[] line = lines.next(); line != null && !closed; line = lines.next()) {
                    if (line.length > 0) { // an empty one is a sign of life
                        event(Doc.of(Json.readTrusted(new String(line, StandardCharsets.UTF_8))));
                    }
                    if (!lines.more()) {
                        pane.draw();
                    }
                }
            } catch (IOException | JsonException e) {
                pause(AGAIN_MILLIS);
            }
        }
    }

    private synchronized void event(Doc event) {
        long seq = event.number("seq", 0);
        if (seq > lastSeq) {
            lastSeq = seq;
            pane.line(pane.sentence(Sentence.colour(event), Sentence.of(event, several)));
        }
    }

    /** What happened last may still be on its way when the daemon ends: its history has it already. */
    private void lastEvents() {
        try (Reply reply = client.get("/v1/events?format=lines&follow=0&limit=1000&after=" + Math.max(0, lastSeq))) {
            LineInput lines = new LineInput(reply.body(), LONGEST_EVENT);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                event(Doc.of(Json.readTrusted(new String(line, StandardCharsets.UTF_8))));
            }
        } catch (IOException | JsonException e) {
            // The daemon does not answer any more: what is shown is all there is.
        }
    }

    private void logs() {
        while (!closed) {
            try (Reply reply = client.get("/v1/logs/all?follow=1&n=0&prefix=1")) {
                if (reply.status() != 200) {
                    pause(AGAIN_MILLIS);
                    continue;
                }
                LineInput lines = new LineInput(reply.body(), LONGEST_LINE);
                for (byte[] line = lines.next(); line != null && !closed; line = lines.next()) {
                    pane.log(new String(line, StandardCharsets.UTF_8));
                    if (!lines.more()) {
                        pane.draw();
                    }
                }
            } catch (IOException e) {
                pause(AGAIN_MILLIS);
            }
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
