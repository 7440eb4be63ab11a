package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.api.Json;
import io.bulkhead.api.JsonException;
import io.bulkhead.core.Cause;
import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.AppSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is noted of a run in its compartment's folder before it starts, so that a later daemon can take it over without any file
 * of the user's. Written whole and renamed; mode 0600, since a specification may hold secrets.
 *
 * @param format version of this record's form
 * @param keeper the keeper, which cannot be mistaken for another process
 * @param cgroup name of the control group
 * @param pid of the program; 0 until the keeper has told it
 * @param startedWallMillis when it was ordered, milliseconds since 1970
 * @param source the app's specification, as {@link AppSpec#source}
 */
record RunRecord(
        int format,
        String run,
        InstanceId instance,
        ProcessIdentity keeper,
        String cgroup,
        int pid,
        long startedWallMillis,
        String cause,
        String source) {

    static final int FORMAT = 1;
    private static final String NAME = "run.json";
    private static final String PID = "pid";

    static RunRecord of(Compartment compartment, LiveRun run, Cause cause) throws IOException {
        int keeper = compartment.keeper.pid();
        return new RunRecord(
                FORMAT,
                run.id,
                run.instance,
                ProcessIdentity.of(keeper).orElseThrow(() -> new IOException("the keeper " + keeper + " has ended")),
                compartment.cgroup.name(),
                0,
                System.currentTimeMillis(),
                cause.name(),
                run.app.source());
    }

    void write(Path folder) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("format", format);
        fields.put("run", run);
        fields.put("app", instance.app());
        fields.put("index", instance.index());
        fields.put("boot", keeper.bootId());
        fields.put("keeper", keeper.pid());
        fields.put("keeper_start", keeper.startTicks());
        fields.put("cgroup", cgroup);
        fields.put("started", startedWallMillis);
        fields.put("cause", cause);
        fields.put("source", source);
        replace(folder.resolve(NAME), Json.write(fields));
        Files.deleteIfExists(folder.resolve(PID));
    }

    /** The program's number comes later than the record and in a file of its own, with the run it belongs to. */
    static void writePid(Path folder, String run, int pid) throws IOException {
        replace(folder.resolve(PID), run + " " + pid);
    }

    /** The record in {@code folder}; empty when there is none that can be read. */
    static Optional<RunRecord> read(Path folder) {
        try {
            Doc fields = Doc.of(Json.readTrusted(Files.readString(folder.resolve(NAME))));
            if (fields.number("format", 0) != FORMAT) {
                return Optional.empty();
            }
            String run = fields.text("run");
            return Optional.of(new RunRecord(
                    FORMAT,
                    run,
                    new InstanceId(fields.text("app"), (int) fields.number("index", 0)),
                    new ProcessIdentity(
                            fields.text("boot"), (int) fields.number("keeper", 0), fields.number("keeper_start", 0)),
                    fields.text("cgroup"),
                    pid(folder, run),
                    fields.number("started", 0),
                    fields.text("cause"),
                    fields.text("source")));
        } catch (IOException | JsonException unreadable) {
            return Optional.empty();
        }
    }

    private static int pid(Path folder, String run) throws IOException {
        Path file = folder.resolve(PID);
        if (!Files.exists(file)) {
            return 0;
        }
        String[] words = Files.readString(file).split(" ");
        return words.length == 2 && words[0].equals(run) ? Integer.parseInt(words[1].strip()) : 0;
    }

    private static void replace(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, text.getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
