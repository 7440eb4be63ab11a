package io.bulkhead;

import io.bulkhead.guard.Job;
import io.bulkhead.guard.ServicesJob;
import io.bulkhead.host.ChecksJob;
import io.bulkhead.host.GuardChild;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What runs in a {@link GuardChild}: reads which job it is, does it, and says at the end whether that went well. */
final class GuardJobs {

    private static final int BAD_REQUEST = 2;
    private static final int LATE = 3;

    private GuardJobs() {}

    private static Optional<Job> named(String name) {
        return switch (name) {
            case "checks" -> Optional.of(new ChecksJob());
            case ServicesJob.NAME -> Optional.of(new ServicesJob());
            default -> Optional.empty();
        };
    }

    /** Returns the exit code: 0 also for a job that failed, which is told in the answer. */
    static int run() {
        try (InputStream in = new FileInputStream(FileDescriptor.in);
                OutputStream out = new FileOutputStream(FileDescriptor.out)) {
            if (!(Json.readTrusted(new String(in.readAllBytes(), StandardCharsets.UTF_8)) instanceof Map<?, ?> read)) {
                return BAD_REQUEST;
            }
            Map<String, @Nullable Object> request = new LinkedHashMap<>();
            read.forEach((name, value) -> request.put(String.valueOf(name), value));
            endWithin(request.get(GuardChild.MILLIS) instanceof Number millis ? millis.longValue() : 0);
            Optional<Job> job = named(String.valueOf(request.get(GuardChild.JOB)));
            if (job.isEmpty()) {
                return BAD_REQUEST;
            }
            Consumer<Map<String, ?>> answer = document -> write(out, document);
            try {
                job.get().run(request, answer);
                answer.accept(Json.of(GuardChild.DONE, true));
            } catch (UncheckedIOException nobodyListens) {
                return 1;
            } catch (IOException | RuntimeException failed) {
                answer.accept(Json.of(GuardChild.FAILED, words(failed)));
            }
            return 0;
        } catch (JsonException noRequest) {
            return BAD_REQUEST;
        } catch (IOException | UncheckedIOException nobodyAsks) {
            return 1;
        } catch (InterruptedException stop) {
            return 1;
        }
    }

    private static String words(Exception failed) {
        return failed instanceof IOException && failed.getMessage() != null ? failed.getMessage() : failed.toString();
    }

    /** The daemon would kill us then; but it may be gone. */
    private static void endWithin(long millis) {
        Thread.ofPlatform().name("deadline").daemon(true).start(() -> {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException none) {
                return;
            }
            Runtime.getRuntime().halt(LATE);
        });
    }

    private static void write(OutputStream out, Map<String, ?> document) {
        try {
            out.write((Json.write(document) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException nobodyListens) {
            throw new UncheckedIOException(nobodyListens);
        }
    }
}
