package io.bulkhead.api;

import io.bulkhead.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/events}: a page of history as JSON lines ({@code follow=0}), or a stream that goes on, as server-sent events
 * with the event's seq as id, so that {@code Last-Event-ID} resumes without a gap and without a double, or as JSON lines
 * ({@code format=lines}); {@code last=N} shows the newest N events first. A client that reads slowly costs {@value #QUEUE} events of memory: what does not fit is read from
 * history again.
 */
final class EventStream {

    private static final int QUEUE = 256;
    private static final int PAGE = 200;
    private static final int MOST = 10_000;

    /** A sign of life, so that both ends notice when the other is gone. */
    private static final int HEARTBEAT_SECONDS = 15;

    private final Control control;

    EventStream(Control control) {
        this.control = control;
    }

    void answer(HttpRequest request, HttpResponse response) throws IOException, ApiException {
        boolean follow = !request.query("follow", "1").equals("0");
        boolean lines = request.query("format", follow ? "sse" : "lines").equals("lines");
        Subscription subscription = new Subscription(request.query("app", ""), lines, after(request));
        if (follow) {
            subscription.follow(response, Routes.number(request, "last", 0, 0, MOST));
        } else {
            subscription.page(response, Routes.number(request, "limit", PAGE, 1, MOST));
        }
    }

    /** The seq to go on from; -1 when the client names none. */
    private static long after(HttpRequest request) throws ApiException {
        String text = request.headers().getOrDefault("last-event-id", request.query("after", "-1"));
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ApiException(2, "bad-request", "after must be the seq of an event, a whole number", "");
        }
    }

    private final class Subscription {

        private final String app;
        private final boolean lines;
        private final ArrayBlockingQueue<Map<String, @Nullable Object>> queue = new ArrayBlockingQueue<>(QUEUE);
        private final AtomicBoolean behind = new AtomicBoolean();
        private long last;

        Subscription(String app, boolean lines, long after) {
            this.app = app;
            this.lines = lines;
            this.last = after;
        }

        void page(HttpResponse response, int limit) throws IOException, ApiException {
            List<Map<String, @Nullable Object>> events = control.events(last, limit, app);
            OutputStream out = response.stream(200, "application/x-ndjson");
            for (Map<String, @Nullable Object> event : events) {
                write(out, event);
            }
        }

        void follow(HttpResponse response, int shownFirst) throws IOException, ApiException {
            try (AutoCloseable following = control.follow(this::offer)) {
                List<Map<String, @Nullable Object>> newest =
                        last < 0 && shownFirst > 0 ? control.events(-1, shownFirst, app) : List.of();
                OutputStream out = response.stream(200, lines ? "application/x-ndjson" : "text/event-stream");
                if (last >= 0) {
                    catchUp(out);
                }
                for (Map<String, @Nullable Object> event : newest) {
                    write(out, event);
                }
                out.flush();
                goOn(out);
            } catch (InterruptedException e) {
                throw new IOException("the client went away", e);
            } catch (IOException | ApiException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private void offer(Map<String, @Nullable Object> event) {
            if (!queue.offer(event)) {
                behind.set(true);
            }
        }

        private void goOn(OutputStream out) throws IOException, ApiException, InterruptedException {
            while (true) {
                Map<String, @Nullable Object> event = queue.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
                if (event == null) {
                    out.write((lines ? "\n" : ": still here\n\n").getBytes(StandardCharsets.US_ASCII));
                } else if (behind.getAndSet(false)) {
                    last = Math.max(last, seq(event) - 1);
                    queue.clear();
                    catchUp(out);
                } else if (seq(event) > last && concerns(event)) {
                    write(out, event);
                }
                if (queue.isEmpty()) {
                    out.flush();
                }
            }
        }

        private void catchUp(OutputStream out) throws IOException, ApiException {
            List<Map<String, @Nullable Object>> page;
            do {
                page = control.events(last, PAGE, app);
                for (Map<String, @Nullable Object> event : page) {
                    write(out, event);
                }
            } while (page.size() == PAGE);
        }

        private boolean concerns(Map<String, @Nullable Object> event) {
            return app.isEmpty() || app.equals(event.get("app"));
        }

        private void write(OutputStream out, Map<String, @Nullable Object> event) throws IOException {
            long seq = seq(event);
            last = Math.max(last, seq);
            String json = Json.write(event);
            String text = lines ? json + "\n" : "id: " + seq + "\ndata: " + json + "\n\n";
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        private static long seq(Map<String, @Nullable Object> event) {
            return event.get("seq") instanceof Number seq ? seq.longValue() : 0;
        }
    }
}
