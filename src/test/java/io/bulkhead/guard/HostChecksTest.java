package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.linux.DescriptorLimit;
import io.bulkhead.linux.DiskRoom;
import io.bulkhead.linux.Identity;
import io.bulkhead.linux.Self;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Finding.Severity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault gives exactly its own refusal, whatever else is asked. */
class HostChecksTest {

    private static final Identity NOBODY =
            new Identity(65_534, 65_534, List.of(65_534), "api", Path.of("/nonexistent"));

    @TempDir
    Path folder;

    @BeforeEach
    void mayBeEntered() throws IOException {
        mode(folder, "rwxr-xr-x");
    }

    @Test
    void aHealthyAppHasNothingAgainstIt() throws Exception {
        write(".env", "A=1\nB='x#y' # quoted\nPORT=3000 # the port\n");
        mode(folder.resolve(".env"), "rw-r-----");
        write(".env.example", "A=\nC=\n");
        write("package.json", "{\"name\": \"x\"}");
        Files.createDirectory(folder.resolve("uploads"));
        Subject subject = Subjects.of(
                folder,
                "a",
                "command: sleep 1",
                "env_file: .env",
                "environment: {C: c}",
                "nofile: 64",
                "checks: {files: [package.json], writable: [uploads], disk_free: 1K, free_memory: 1K}");
        assertThat(all(subject).stream()
                        .filter(finding -> finding.severity() != Severity.INFO)
                        .filter(finding -> !finding.check().equals("user")))
                .isEmpty();
    }

    @Test
    void aValueThatIsCutAtAHash() throws Exception {
        write(".env", "A=1\nPASS=s3cr#et\nKEY=#begins\nOTHER=x #y\nPORT=3000 # the port\n");
        assertThat(only(Subjects.of(folder, "a", "command: sleep 1", "env_file: .env"), "env-values"))
                .extracting(finding -> finding.evidence().getFirst())
                .containsExactly(folder + "/.env:3", folder + "/.env:4");
        List<Finding> ownReader = only(Subjects.of(folder, "a", "command: sleep 1"), "env-values");
        assertThat(ownReader)
                .extracting(finding -> finding.evidence().getFirst())
                .containsExactly(folder + "/.env:2", folder + "/.env:3", folder + "/.env:4");
        assertThat(ownReader).noneMatch(finding -> finding.toString().contains("s3cr"));
    }

    @Test
    void aVariableOfTheExampleThatIsSetNowhere() throws Exception {
        write(".env.example", "DB_HOST=localhost\nDB_PASS=\nHERE=\n");
        write(".env", "HERE=1\n");
        assertThat(only(Subjects.of(folder, "a", "command: sleep 1", "environment: {DB_HOST: db}"), "env-example"))
                .singleElement()
                .satisfies(finding ->
                        assertThat(finding.message()).contains("DB_PASS").doesNotContain("DB_HOST", "HERE"));
    }

    @Test
    void aSecretThatEverybodyReads() throws Exception {
        for (String name : List.of(".env", "tls.key", ".env.example", "id_rsa.pub")) {
            write(name, "X=1\n");
            mode(folder.resolve(name), "rw-r--r--");
        }
        Subject subject = Subjects.of(folder, "a", "command: sleep 1");
        assertThat(only(subject, "secrets"))
                .extracting(Finding::fix)
                .containsExactlyInAnyOrder(
                        "chmod o-rwx " + folder.resolve(".env"), "chmod o-rwx " + folder.resolve("tls.key"));
        mode(folder, "rwx------");
        assertThat(only(subject, "secrets")).as("nobody else gets there").isEmpty();
    }

    @Test
    void aFolderThatItsUserCannotWriteTo() throws Exception {
        assumeTrue(Self.isRoot(), "looks as another user");
        Files.createDirectory(folder.resolve("roots"));
        Path open = Files.createDirectory(folder.resolve("open"));
        mode(open, "rwxrwxrwx");
        Subject subject = Subjects.as(NOBODY, folder, "command: sleep 1", "checks: {writable: [roots, missing, open]}");
        assertThat(only(subject, "writable"))
                .allMatch(Finding::isError)
                .extracting(Finding::fix)
                .containsExactly(
                        "chown -R api " + folder.resolve("roots"), "install -d -o api " + folder.resolve("missing"));
    }

    @Test
    void aNamedFileThatIsMissingOrBroken() throws Exception {
        write("bad.json", "{\"a\": 1,}");
        write("bad.yml", "a: [1\nb: {s3cret\n");
        write("good.yaml", "---\na: !tag [1]\n---\nb: 2\n");
        write("package.json", "{\"name\"");
        Subject subject = Subjects.of(
                folder, "a", "command: sleep 1", "checks: {files: [bad.json, bad.yml, good.yaml, dist/main.js]}");
        List<Finding> found = only(subject, "files");
        assertThat(found).allMatch(Finding::isError).hasSize(4);
        assertThat(found.get(0).message()).contains("bad.json is not JSON: ", "line 1");
        assertThat(found.get(1).message())
                .contains("bad.yml is not YAML: ", "line")
                .doesNotContain("s3cret");
        assertThat(found.get(2).message()).contains("dist/main.js: ").contains("does not exist");
        assertThat(found.get(3).message()).contains("package.json is not JSON");
    }

    @Test
    void aDiskThatIsFull() throws Exception {
        Subject wants = Subjects.of(folder, "a", "command: sleep 1", "checks: {disk_free: 8000T}");
        assertThat(only(wants, "disk")).singleElement().matches(Finding::isError);

        Subject subject = Subjects.of(folder, "a", "command: sleep 1");
        DiskCheck check = new DiskCheck();
        assertThat(check.judge(subject, new DiskRoom(10L << 30, 5L << 30, 1000, 500, false), folder))
                .hasValueSatisfying(finding -> assertThat(finding.message()).contains("500 new files"));
        assertThat(check.judge(subject, new DiskRoom(10L << 30, 1L << 20, 0, Long.MAX_VALUE, false), folder))
                .hasValueSatisfying(finding -> assertThat(finding.message()).contains("almost full"));
        assertThat(check.judge(subject, new DiskRoom(10L << 30, 1L << 30, 0, Long.MAX_VALUE, false), folder))
                .isEmpty();
        assertThat(DiskRoom.of(folder).free()).isBetween(0L, DiskRoom.of(folder).bytes());
    }

    @Test
    void memoryThatIsNotThere() throws Exception {
        assertThat(only(Subjects.of(folder, "a", "command: sleep 1", "checks: {free_memory: 900T}"), "free-memory"))
                .singleElement()
                .matches(Finding::isError);
    }

    @Test
    void anExternalThatIsAwayOrSomebodyElse() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = server.getLocalPort();
            Subject right = externals(port, "java");
            assertThat(only(right, "externals")).isEmpty();
            assertThat(only(externals(port, "postgres"), "externals"))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.evidence().getFirst())
                            .contains("pid " + ProcessHandle.current().pid(), "not to postgres"));
            server.close();
            assertThat(only(right, "externals")).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                assertThat(finding.evidence().getFirst()).contains("nobody listens on 127.0.0.1:" + port);
            });
        }
    }

    private Subject externals(int port, String process) {
        return Subjects.in(
                folder,
                "externals:\n  db: {address: \"127.0.0.1:" + port + "\", process: " + process + "}\n"
                        + "apps:\n  a: {command: sleep 1, depends_on: [db]}\n",
                "a",
                Optional.empty());
    }

    @Test
    void aClockThatIsFarOff() {
        Subject subject = Subjects.of(folder, "a", "command: sleep 1");
        Instant now = Instant.parse("2026-11-22T00:00:00Z");
        ClockCheck check = new ClockCheck();
        assertThat(check.judge(subject, Instant.EPOCH, Instant.EPOCH))
                .singleElement()
                .matches(Finding::isError);
        assertThat(check.judge(subject, now, now.plus(Duration.ofDays(30))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
        assertThat(check.judge(subject, now, now.plusSeconds(60))).isEmpty();
    }

    @Test
    void moreDescriptorsThanThereAre() {
        Subject subject = Subjects.of(folder, "a", "command: sleep 1", "nofile: 65536");
        DescriptorsCheck check = new DescriptorsCheck();
        assertThat(check.judge(subject, new DescriptorLimit(4096, 1 << 20, false)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("it would have 4096"));
        assertThat(check.judge(subject, new DescriptorLimit(4096, 8192, true)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.fix()).contains("sysctl fs.nr_open=65536"));
        assertThat(check.judge(subject, new DescriptorLimit(4096, 1 << 20, true)))
                .isEmpty();
        assertThat(DescriptorLimit.read().reachable()).isGreaterThan(16);
    }

    @Test
    void anAppThatRunsAsRoot() throws Exception {
        Identity root = new Identity(0, 0, List.of(0), "root", Path.of("/root"));
        assertThat(only(Subjects.as(root, folder, "command: sleep 1"), "user")).hasSize(1);
        assertThat(only(Subjects.as(NOBODY, folder, "command: sleep 1"), "user"))
                .isEmpty();
    }

    @Test
    void aHookThatKillsByName() throws Exception {
        write("free.sh", "#!/bin/sh\n# pkill would be wrong\nfuser -n tcp -k 3000 || true\n");
        write("fine.sh", "#!/bin/sh\n# no pkill here\necho mypkill killall.txt\n");
        Subject subject = Subjects.of(
                folder,
                "a",
                "command: sleep 1",
                "hooks: {pre_start: \"pkill -f 'ssh -L'\", post_stop: ./free.sh, pre_stop: sh fine.sh, on_oom: {shell: 'x; killall node'}}");
        List<Finding> found = only(subject, "kill-by-name");
        assertThat(found)
                .hasSize(3)
                .allSatisfy(finding -> assertThat(finding.fix()).contains("port_guard"));
        assertThat(found.toString()).contains("free.sh").doesNotContain("fine.sh");
    }

    @Test
    void aFileThatWasChangedSinceTheStart() throws Exception {
        Path file = write("app.json", "{}");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
        Process running = mark(new ProcessBuilder("sleep", "1000")).start();
        try {
            Subject made = Subjects.of(folder, "a", "command: sleep 1", "checks: {files: [app.json]}");
            Subject subject = new Subject(
                    made.spec(),
                    made.app(),
                    made.program(),
                    made.argv(),
                    made.environment(),
                    made.identity(),
                    Set.of((int) running.pid()),
                    Map.of());
            assertThat(only(subject, "drift")).isEmpty();
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));
            assertThat(only(subject, "drift"))
                    .singleElement()
                    .satisfies(
                            finding -> assertThat(finding.evidence().getFirst()).contains("app.json"));
        } finally {
            running.destroyForcibly();
        }
    }

    private static ProcessBuilder mark(ProcessBuilder builder) {
        builder.environment().put("BULKHEAD_APP", "a");
        return builder;
    }

    /** What every check finds; all of it is of the one that is meant. */
    private static List<Finding> only(Subject subject, String check) throws Exception {
        List<Finding> found = new ArrayList<>(all(subject));
        found.removeIf(finding ->
                finding.severity() == Severity.INFO && !finding.check().equals(check));
        found.removeIf(finding -> finding.check().equals("user") && !check.equals("user"));
        // A secret file is part of the scene of others.
        found.removeIf(finding -> finding.check().equals("secrets") && !check.equals("secrets"));
        assertThat(found).allSatisfy(finding -> assertThat(finding.check()).isEqualTo(check));
        return found;
    }

    private static List<Finding> all(Subject subject) throws InterruptedException {
        return Checks.look(List.of(subject), Set.of(), true, Duration.ofSeconds(30), (done, of) -> {});
    }

    private Path write(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        mode(file, "rw-r--r--");
        return file;
    }

    private static void mode(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}
