package io.bulkhead.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

    private static final long NOW = 1_795_300_000_000L;

    @TempDir
    Path folder;

    private final AtomicLong clock = new AtomicLong(NOW);

    @Test
    void numbersGoOnAfterARestart() throws Exception {
        try (History history = open()) {
            history.record(event("started", "api"));
            history.record(event("exited", "api"));
            assertThat(history.lastSeq()).isEqualTo(2);
        }
        try (History history = open()) {
            history.record(event("started", "worker"));
            assertThat(history.events(0, 10, "")).extracting(StoryEvent::seq).containsExactly(1L, 2L, 3L);
            assertThat(history.events(2, 10, "")).extracting(StoryEvent::app).containsExactly("worker");
            assertThat(history.events(0, 1, "api")).extracting(StoryEvent::type).containsExactly("started");
        }
    }

    @Test
    void theNewestOfOneAppAreFoundHoweverMuchOthersSaid() throws Exception {
        try (History history = open()) {
            theNewestOfOneAppAreFound(history);
        }
    }

    @Test
    void theNewestOfOneAppAreFoundInMemoryToo() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        try (History history = History.open(folder.resolve("file"), clock::get)) {
            theNewestOfOneAppAreFound(history);
        }
    }

    private static void theNewestOfOneAppAreFound(History history) throws Exception {
        for (int i = 0; i < 5; i++) {
            history.record(event("tick", "calm"));
        }
        for (int i = 0; i < 100; i++) {
            history.record(event("tick", "loud"));
        }
        List<StoryEvent> calm = history.events(-1, 3, "calm");
        assertThat(calm).extracting(StoryEvent::app).containsOnly("calm");
        long first = calm.getFirst().seq();
        assertThat(calm).extracting(StoryEvent::seq).containsExactly(first, first + 1, first + 2);
        assertThat(history.events(first - 1, 10, "calm")).isEqualTo(calm);
        assertThat(history.events(-1, 2, "")).extracting(StoryEvent::app).containsOnly("loud");
    }

    @Test
    void fieldsComeBackAsTheyWereAndInTheirOrder() throws Exception {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("zeta", "a \"quote\", a \\, a line\nand \u0001 and \ud83d\ude00 and ä");
        fields.put("alpha", 42L);
        fields.put("ratio", 0.25);
        fields.put("ok", true);
        fields.put("list", List.of("x", 1L));
        fields.put("empty", Map.of());
        try (History history = open()) {
            history.record(StoryEvent.of(NOW, "told", "api", 3, "r1", fields));
            StoryEvent read = history.events(0, 10, "").getFirst();
            assertThat(read.fields()).isEqualTo(fields);
            assertThat(read.toMap().keySet())
                    .containsExactly(
                            "seq",
                            "time",
                            "type",
                            "app",
                            "instance",
                            "run",
                            "zeta",
                            "alpha",
                            "ratio",
                            "ok",
                            "list",
                            "empty");
            assertThat(read.toMap()).containsEntry("time", "2026-11-21T22:26:40Z");
        }
    }

    @Test
    void followersHearOnlyWhatIsOnDisk() throws Exception {
        ConcurrentLinkedQueue<Long> heard = new ConcurrentLinkedQueue<>();
        try (History history = open()) {
            AutoCloseable handle = history.follow(event -> heard.add(event.seq()));
            for (int i = 0; i < 1000; i++) {
                history.record(event("tick", "api"));
            }
            await().until(() -> heard.size() == 1000);
            assertThat(List.copyOf(heard)).isSorted();
            handle.close();
            history.record(event("tick", "api"));
            assertThat(history.lastSeq()).isEqualTo(1001);
            assertThat(heard).hasSize(1000);
        }
    }

    @Test
    void aFollowerThatFailsDisturbsNobody() throws Exception {
        ConcurrentLinkedQueue<Long> heard = new ConcurrentLinkedQueue<>();
        try (History history = open()) {
            history.follow(event -> {
                throw new IllegalStateException("gone");
            });
            history.follow(event -> heard.add(event.seq()));
            history.record(event("tick", "api"));
            history.record(event("tick", "api"));
            await().until(() -> heard.size() == 2);
        }
    }

    @Test
    void incidentsAreOpenedResolvedAndReadNewestFirst() throws Exception {
        try (History history = open()) {
            String first = history.openIncident(incident("worker", "oom-limit"));
            String second = history.openIncident(incident("api", "exited"));
            assertThat(List.of(first, second)).containsExactly("i1", "i2");
            history.resolveIncident(first, NOW + 5000);
            history.resolveIncident(first, NOW + 9000);
            history.resolveIncident("nonsense", NOW);
            assertThat(history.incidents("", 10)).extracting(Incident::id).containsExactly("i2", "i1");
            Incident read = history.incidents("worker", 10).getFirst();
            assertThat(read.toMap().keySet())
                    .containsExactly(
                            "id",
                            "time",
                            "app",
                            "instance",
                            "cause",
                            "summary",
                            "evidence",
                            "advice",
                            "resolved",
                            "resolved_at");
            assertThat(read.evidence()).containsExactly("peak 128 MiB", "last line: \"boom\"");
            assertThat(read.resolvedMillis()).hasValue(NOW + 5000);
            assertThat(history.incidents("api", 10).getFirst().toMap()).containsEntry("resolved", false);
        }
        try (History history = open()) {
            assertThat(history.openIncident(incident("api", "exited"))).isEqualTo("i3");
        }
    }

    @Test
    void anIncidentIsRenewedUnderItsIdAndResolvedWithItsInstance() throws Exception {
        try (History history = open()) {
            String id = history.openIncident(incident("api", "exited"));
            String other = history.openIncident(incident("worker", "exited"));
            history.writeIncident(id, incident("api", "signal"));
            assertThat(history.incidents("", 10)).extracting(Incident::id).containsExactly(other, id);
            Incident renewed = history.incidents("api", 10).getFirst();
            assertThat(renewed.cause()).isEqualTo("signal");
            history.resolveIncidents("api", renewed.instance() + 1, NOW);
            assertThat(history.incidents("api", 10).getFirst().resolvedMillis()).isEmpty();
            history.resolveIncidents("api", renewed.instance(), NOW + 1);
            history.resolveIncidents("api", renewed.instance(), NOW + 2);
        }
        try (History history = open()) {
            assertThat(history.incidents("api", 10).getFirst().resolvedMillis()).hasValue(NOW + 1);
            assertThat(history.incidents("worker", 10).getFirst().resolvedMillis())
                    .isEmpty();
        }
    }

    @Test
    void onlyItsOwnerMayReadIt() throws Exception {
        try (History history = open()) {
            history.record(event("started", "api"));
            history.lastSeq();
            try (var files = Files.list(folder.resolve("state"))) {
                for (Path file : files.filter(
                                each -> each.getFileName().toString().startsWith("history."))
                        .toList()) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .as(file.toString())
                            .isEqualTo("rw-------");
                }
            }
        }
    }

    @Test
    void aDamagedDatabaseIsMovedAsideAndNumbersGoOn() throws Exception {
        try (History history = open()) {
            for (int i = 0; i < 500; i++) {
                history.record(event("tick", "api"));
            }
            history.openIncident(incident("api", "exited"));
        }
        Files.writeString(folder.resolve("state/history.db"), "this is no database at all, ".repeat(1000));
        try (History history = open()) {
            history.record(event("started", "api"));
            List<StoryEvent> events = history.events(0, 10, "");
            assertThat(events).extracting(StoryEvent::type).containsExactlyInAnyOrder("history-trouble", "started");
            assertThat(events).allMatch(event -> event.seq() > 500);
            assertThat(events.toString()).contains("damaged", "history.db.damaged-");
            assertThat(history.openIncident(incident("api", "exited"))).isEqualTo("i2");
            assertThat(history.problem()).isEmpty();
        }
    }

    @Test
    void damageInTheMiddleIsFoundWhenItIsMet() throws Exception {
        try (History history = open()) {
            for (int i = 0; i < 5000; i++) {
                history.record(event("tick", "api"));
                history.lastSeq();
            }
        }
        Path database = folder.resolve("state/history.db");
        byte[] bytes = Files.readAllBytes(database);
        java.util.Arrays.fill(bytes, 16384, bytes.length - 4096, (byte) 0x5a);
        Files.write(database, bytes);
        try (History history = open()) {
            history.events(0, 10_000, "");
            history.record(event("started", "api"));
            StoryEvent last = history.events(5000, 10, "api").getLast();
            assertThat(last.type()).isEqualTo("started");
            assertThat(history.problem()).isEmpty();
        }
    }

    @Test
    void staysBounded() throws Exception {
        try (History history = History.open(folder.resolve("state"), clock::get, 300, 20)) {
            for (int i = 0; i < 2500; i++) {
                history.record(event("tick", "api"));
                if (i % 50 == 0) {
                    history.openIncident(incident("api", "exited"));
                    history.lastSeq();
                }
            }
            history.lastSeq();
        }
        try (History history = History.open(folder.resolve("state"), clock::get, 300, 20)) {
            assertThat(history.events(0, 10_000, ""))
                    .hasSize(300)
                    .last()
                    .extracting(StoryEvent::seq)
                    .isEqualTo(2500L);
            assertThat(history.incidents("", 1000))
                    .hasSize(20)
                    .first()
                    .extracting(Incident::id)
                    .isEqualTo("i50");
        }
        clock.addAndGet(HistoryFile.LONGEST_MILLIS + 1);
        try (History history = open()) {
            assertThat(history.events(0, 10, "")).isEmpty();
            history.record(event("tick", "api"));
            assertThat(history.lastSeq()).isEqualTo(2501);
        }
    }

    @Test
    void dropsAndSaysSoWhenTooMuchWaits() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (History history = open()) {
            history.follow(event -> {
                stuck.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            history.record(event("first", "api"));
            assertThat(stuck.await(10, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 6000; i++) {
                history.record(event("tick", "api"));
            }
            assertThat(history.dropped()).isBetween(1500L, 2000L);
            go.countDown();
            await().untilAsserted(() -> assertThat(history.events(0, 10_000, ""))
                    .filteredOn(event -> event.type().equals("history-overflow"))
                    .singleElement()
                    .satisfies(event -> assertThat(event.fields()).containsEntry("dropped", history.dropped())));
        }
    }

    @Test
    void aFolderThatTakesNothingLeavesItInMemoryUntilItDoes() throws Exception {
        Path state = Files.writeString(folder.resolve("state"), "a file where the folder should be");
        try (History history = open()) {
            List<StoryEvent> heard = new ArrayList<>();
            history.follow(heard::add);
            history.record(event("started", "api"));
            assertThat(history.events(0, 10, "api")).hasSize(1);
            assertThat(history.problem())
                    .hasValueSatisfying(text -> assertThat(text).contains("in memory only"));
            assertThat(heard).extracting(StoryEvent::type).contains("started");
            String id = history.openIncident(incident("api", "exited"));
            history.writeIncident(id, incident("api", "signal"));
            assertThat(history.incidents("", 10)).extracting(Incident::cause).containsExactly("signal");
            history.resolveIncidents("api", history.incidents("", 10).getFirst().instance(), NOW);
            assertThat(history.incidents("", 10).getFirst().resolvedMillis()).hasValue(NOW);

            Files.delete(state);
            Files.createDirectory(state);
            clock.addAndGet(61_000);
            history.record(event("again", "api"));
            assertThat(history.events(0, 10, "api"))
                    .extracting(StoryEvent::type)
                    .containsExactly("started", "again");
            assertThat(history.problem()).isEmpty();
            assertThat(history.incidents("", 10)).hasSize(1);
        }
        try (History history = open()) {
            assertThat(history.events(0, 10, "api"))
                    .extracting(StoryEvent::type)
                    .containsExactly("started", "again");
        }
    }

    @Test
    void aFullDiskLeavesItInMemory() throws Exception {
        Path state = Files.createDirectory(folder.resolve("state"));
        assumeThat(new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", state.toString())
                        .start()
                        .waitFor())
                .as("mount of a small tmpfs")
                .isZero();
        try (History history = open()) {
            history.record(event("before", "api"));
            history.lastSeq();
            Path ballast = state.resolve("ballast");
            new ProcessBuilder("sh", "-c", "cat /dev/zero > " + ballast)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            for (int i = 0; i < 200; i++) {
                history.record(StoryEvent.of(NOW, "wide", "api", 0, "", Map.of("text", "x".repeat(1000))));
                history.lastSeq();
            }
            assertThat(history.problem())
                    .hasValueSatisfying(text -> assertThat(text).contains("full"));
            Files.delete(ballast);
            clock.addAndGet(61_000);
            history.record(event("after", "api"));
            List<StoryEvent> all = history.events(0, 1000, "api");
            assertThat(all).hasSize(202);
            assertThat(all).extracting(StoryEvent::seq).isSorted().doesNotHaveDuplicates();
            assertThat(history.problem()).isEmpty();
        } finally {
            run("umount", state.toString());
        }
    }

    @Test
    void takesItsLibraryFromThePackage() throws Exception {
        String driver = Path.of(org.sqlite
                        .JDBC
                        .class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        Path lib = Files.createDirectory(folder.resolve("lib"));
        String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
        try (var in =
                org.sqlite.JDBC.class.getResourceAsStream("/org/sqlite/native/Linux/" + arch + "/libsqlitejdbc.so")) {
            Files.copy(in, lib.resolve(SqliteLibrary.NAME));
        }
        Path nowhere = folder.resolve("no-such-tmp");
        Process child = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dbulkhead.lib=" + lib,
                        "-Djava.io.tmpdir=" + nowhere,
                        "-Dorg.sqlite.tmpdir=" + nowhere,
                        "-cp",
                        "target/classes:target/test-classes:" + driver,
                        HistoryProgram.class.getName(),
                        folder.resolve("state").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes());
        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said).contains("1 event, problem: Optional.empty");
        assertThat(nowhere).doesNotExist();
    }

    @Test
    void whatFollowersHeardSurvivesAKilledDaemonAndNoNumberComesTwice() throws Exception {
        String driver = Path.of(org.sqlite
                        .JDBC
                        .class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        Process child = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        "target/classes:target/test-classes:" + driver,
                        HistoryProgram.class.getName(),
                        folder.resolve("state").toString(),
                        "until killed")
                .redirectErrorStream(true)
                .start();
        long heard = 0;
        try (var lines = child.inputReader()) {
            assertThat(lines.readLine()).startsWith("1 event");
            while (heard < 1500) {
                heard = Long.parseLong(lines.readLine());
            }
            child.destroyForcibly().waitFor();
            for (String line = lines.readLine(); line != null && line.matches("\\d+"); line = lines.readLine()) {
                heard = Math.max(heard, Long.parseLong(line));
            }
        } catch (java.io.IOException closedByTheKill) {
            // what was heard before counts
        }
        try (History history = open()) {
            List<StoryEvent> events = history.events(0, 100_000, "");
            assertThat(events.size()).isGreaterThanOrEqualTo((int) heard);
            history.record(event("after", "api"));
            assertThat(history.lastSeq()).isGreaterThan(events.getLast().seq());
        }
    }

    private History open() {
        return History.open(folder.resolve("state"), clock::get);
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static StoryEvent event(String type, String app) {
        return StoryEvent.of(NOW, type, app, 0, "run-1", Map.of());
    }

    private static Incident incident(String app, String cause) {
        return Incident.of(
                NOW, app, 0, cause, "it died", List.of("peak 128 MiB", "last line: \"boom\""), List.of("raise memory"));
    }
}
