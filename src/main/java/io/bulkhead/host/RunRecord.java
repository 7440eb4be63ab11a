package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.core.InstanceId;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.AppSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is noted of a run in its compartment's folder before it starts, so that a later daemon can take it over without any file of
 * the user's. Two files, since a replacement after a crash waits for what is written: {@code compartment.json} with all that a restart
 * leaves unchanged, and {@code run} with one short line. Mode 0600, since a specification may hold secrets.
 *
 * @param instance whose run it is
 * @param group its control group, wherever the daemon of that time made it; empty without one
 * @param keeper the keeper, which cannot be mistaken for another process
 * @param sockets addresses of the sockets that the keeper holds
 * @param source the app's specification, as {@link AppSpec#source}
 * @param run its id
 * @param startedWallMillis when it was ordered, milliseconds since 1970
 * @param pid of the program; 0 until the keeper has told it
 * @param kills the kernel's count of kills in the compartment before this run
 * @param restarts how often the instance had been started again, this start included; -1 where that was not noted
 */
record RunRecord(
        InstanceId instance,
        Optional<Path> group,
        ProcessIdentity keeper,
        List<String> sockets,
        String source,
        String run,
        long startedWallMillis,
        int pid,
        long kills,
        int restarts) {

    /** Version of the files' form. */
    private static final int FORMAT = 1;

    private static final String COMPARTMENT = "compartment.json";
    private static final String RUN = "run";
    private static final String READY = "ready";
    private static final int RUN_LINE = 80;
    private static final Set<StandardOpenOption> IN_PLACE = Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    private static final Set<StandardOpenOption> FRESH =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    static void writeCompartment(Compartment compartment, AppSpec app) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", FORMAT);
        fields.put("app", compartment.instance.app());
        fields.put("index", compartment.instance.index());
        fields.put("group", compartment.cgroup.folder().map(Path::toString).orElse(""));
        fields.put("boot", compartment.keeperIdentity.bootId());
        fields.put("keeper", compartment.keeperIdentity.pid());
        fields.put("keeper_start", compartment.keeperIdentity.startTicks());
        fields.put("sockets", compartment.addresses());
        fields.put("source", app.source());
        replace(compartment.folder.resolve(COMPARTMENT), Json.write(fields));
    }

    /** Before the start with pid 0, and again when the pid is known. */
    static void writeRun(Path folder, String run, int pid, long kills, int restarts) throws IOException {
        StringBuilder line = new StringBuilder(RUN_LINE).append(run).append(' ');
        line.append(System.currentTimeMillis()).append(' ').append(pid);
        line.append(' ').append(kills).append(' ').append(restarts);
        while (line.length() < RUN_LINE - 1) {
            line.append(' ');
        }
        // In place and always of one length: ext4 flushes a file that is truncated or renamed over (auto_da_alloc), 1
        // to 4 ms here.
        try (var out = Files.newByteChannel(folder.resolve(RUN), IN_PLACE, OWNER_ONLY)) {
            out.write(ByteBuffer.wrap(line.append('\n').toString().getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** Its program has said that it is ready (sd_notify), which it says once: the next daemon would wait for it for ever. */
    static void writeReady(Path folder, String run) throws IOException {
        Files.writeString(folder.resolve(READY), run);
    }

    /** Whether the program of {@code run} has said so while a daemon heard it. */
    static boolean wasReady(Path folder, String run) {
        try {
            return Files.readString(folder.resolve(READY)).equals(run);
        } catch (IOException never) {
            return false;
        }
    }

    /** The record in {@code folder}; empty when there is none that can be read. */
    static Optional<RunRecord> read(Path folder) {
        try {
            Doc fields = Doc.of(Json.readTrusted(Files.readString(folder.resolve(COMPARTMENT))));
            String[] run = Files.readString(folder.resolve(RUN)).strip().split(" ");
            if (fields.number("format", 0) != FORMAT || run.length < 3) {
                return Optional.empty();
            }
            return Optional.of(new RunRecord(
                    new InstanceId(fields.text("app"), (int) fields.number("index", 0)),
                    Optional.of(fields.text("group"))
                            .filter(group -> !group.isEmpty())
                            .map(Path::of),
                    new ProcessIdentity(
                            fields.text("boot"), (int) fields.number("keeper", 0), fields.number("keeper_start", 0)),
                    fields.texts("sockets"),
                    fields.text("source"),
                    run[0],
                    Long.parseLong(run[1]),
                    Integer.parseInt(run[2]),
                    run.length > 3 ? Long.parseLong(run[3]) : 0,
                    run.length > 4 ? Integer.parseInt(run[4]) : -1));
        } catch (IOException | JsonException | NumberFormatException unreadable) {
            return Optional.empty();
        }
    }

    private static void replace(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (var out = Files.newByteChannel(fresh, FRESH, OWNER_ONLY)) {
            out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
