package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import io.bulkhead.linux.AskedProgram;
import io.bulkhead.linux.CommandLookup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has something done in a short-lived process of the packaged program, which takes its memory with it: checks, database drivers. The other end is {@code
 * io.bulkhead.GuardJobs}. Any number may be asked for; two run at a time.
 */
public final class GuardChild {

    /** The word that makes the packaged program such a child: no command, as people have no use for it. */
    public static final String WORD = "__guard";

    /** Members of a request besides the job's own. */
    public static final String JOB = "job";

    public static final String MILLIS = "within_ms";

    /** The last line of an answer: whether all is done, or why not. */
    public static final String DONE = "done";

    public static final String FAILED = "failed";

    private static final int AT_ONCE = 2;
    private static final int MOST_BYTES = 8 << 20;

    /** A child ends by itself when its time is over; only one that does not is killed. */
    private static final int GRACE_MILLIS = 1_000;

    private final List<String> command;
    private final Semaphore places = new Semaphore(AT_ONCE, true);

    /** @param command that runs {@code GuardJobs} */
    GuardChild(List<String> command) {
        this.command = List.copyOf(command);
    }

    /** Of the package that this program runs from. */
    static GuardChild packaged() {
        Path launcher = Path.of(System.getProperty("bulkhead.dist", ".")).resolve("bin/bulkhead");
        return new GuardChild(List.of(launcher.toString(), WORD));
    }

    /**
     * Has {@code job} done, on a thread of its own that ends with it.
     *
     * @param request of the job; may hold secrets
     * @param millis the child's time, without that of waiting for its turn
     * @return its answers, or an {@link IOException} with a sentence for people when it failed, was late or could not be run
     */
    CompletableFuture<List<Doc>> begin(String job, Map<String, ?> request, int millis) {
        CompletableFuture<List<Doc>> answer = new CompletableFuture<>();
        Thread.ofPlatform().name("guard").daemon(true).start(() -> {
            try {
                answer.complete(ask(job, request, millis));
            } catch (IOException | RuntimeException failed) {
                answer.completeExceptionally(failed);
            }
        });
        return answer;
    }

    /** The same for a thread that may wait; as long as all children before it, if there are many. */
    List<Doc> ask(String job, Map<String, ?> request, int millis) throws IOException {
        Map<String, @Nullable Object> whole = new LinkedHashMap<>(request);
        whole.put(JOB, job);
        whole.put(MILLIS, millis);
        byte[] question = Json.write(whole).getBytes(StandardCharsets.UTF_8);
        List<Doc> answers = new ArrayList<>();
        take();
        try {
            new AskedProgram(command, Map.of("PATH", CommandLookup.DEFAULT_PATH), MOST_BYTES)
                    .ask(question, millis + GRACE_MILLIS, line -> answers.add(parse(line)));
        } catch (UncheckedIOException noJson) {
            throw new IOException("the answer of " + command.getFirst() + " is not JSON: " + noJson.getMessage());
        } finally {
            places.release();
        }
        if (answers.isEmpty()) {
            throw new IOException(command.getFirst() + " ended without an answer");
        }
        Doc last = answers.removeLast();
        if (!last.flag(DONE)) {
            throw new IOException(last.has(FAILED) ? last.text(FAILED) : command.getFirst() + " ended half way");
        }
        return answers;
    }

    private void take() throws IOException {
        try {
            if (!places.tryAcquire(1, TimeUnit.MINUTES)) {
                throw new IOException("too much is being looked at already: try again in a minute");
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IOException("the daemon is ending", ending);
        }
    }

    private static Doc parse(String line) {
        try {
            return Doc.of(Json.readTrusted(line));
        } catch (JsonException broken) {
            throw new UncheckedIOException(new IOException(broken.getMessage()));
        }
    }
}
