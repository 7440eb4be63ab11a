package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.linux.CgroupHost;
import io.bulkhead.spec.Home;
import io.bulkhead.story.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {

    @TempDir
    Path folder;

    @Test
    void everyFindingSaysHowBadItIsAndWhatToDo() throws Exception {
        Home home = home();
        try (History history = History.open(home.state(), System::currentTimeMillis)) {
            Doctor doctor = new Doctor(CgroupHost.none("a test wants none"), history, home);

            List<Map<String, Object>> findings = findings(doctor);

            assertThat(findings).allSatisfy(finding -> {
                assertThat(finding).containsOnlyKeys("check", "severity", "message", "evidence", "fix");
                assertThat(finding.get("severity")).isIn("ok", "info", "warning", "error");
                assertThat((String) finding.get("message")).isNotEmpty();
            });
            assertThat(findings)
                    .extracting(finding -> finding.get("check"))
                    .contains("kernel", "root", "cgroups", "kmsg", "memory", "state", "log", "run")
                    .doesNotHaveDuplicates();
            assertThat(finding(findings, "state")).containsEntry("severity", "ok");
            assertThat(finding(findings, "cgroups")).containsEntry("severity", "warning");
            assertThat(doctor.shortcomings())
                    .contains("memory limits are sampled, not enforced by the kernel: a test wants none");
            try (var left = Files.list(home.log())) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void aFolderThatIsMissingIsAnError() throws IOException {
        assertThat(DoctorFolder.look("log", folder.resolve("none")).severity()).isEqualTo("error");
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(DoctorFolder.look("log", file).message()).contains("Not a directory");
    }

    @Test
    void aReadOnlyFileSystemIsNamed() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("mount"));
        Process mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "ro,size=64k", "none", mount.toString())
                .redirectErrorStream(true)
                .start();
        assumeTrue(mounted.waitFor() == 0, "needs the right to mount");
        try {
            assertThat(DoctorFolder.look("state", mount).message()).contains("Read-only file system");
        } finally {
            assertThat(new ProcessBuilder("umount", mount.toString()).start().waitFor())
                    .isZero();
        }
    }

    @Test
    void historyWithoutADiskIsTold() throws Exception {
        Home home = home();
        Path file = Files.writeString(folder.resolve("file"), "");
        try (History history = History.open(file, System::currentTimeMillis)) {
            assertThat(new Doctor(CgroupHost.none("test"), history, home).shortcomings())
                    .anyMatch(sentence -> sentence.startsWith("history is kept in memory only"));
        }
    }

    @Test
    void withoutADaemonTheSameIsLookedAtAndNothingIsMade() throws IOException {
        Home home = Home.at(folder.resolve("new"));
        List<Map<String, Object>> findings = copy(Doctor.withoutDaemon(home, java.util.Optional.empty()));
        assertThat(findings)
                .extracting(finding -> finding.get("check"))
                .contains("kernel", "cgroups", "memory", "state", "log", "run")
                .doesNotContain("history");
        assertThat(finding(findings, "run")).containsEntry("severity", "ok");
        assertThat((String) finding(findings, "run").get("message")).contains("will be made");
        assertThat(folder.resolve("new")).doesNotExist();

        Home below = Home.at(Files.writeString(folder.resolve("file"), "").resolve("home"));
        assertThat(finding(copy(Doctor.withoutDaemon(below, java.util.Optional.empty())), "state"))
                .containsEntry("severity", "error");
    }

    private static List<Map<String, Object>> copy(List<Map<String, @Nullable Object>> findings) {
        return List.copyOf(findings);
    }

    private Home home() throws IOException {
        Home home = Home.at(folder);
        for (Path each : List.of(home.state(), home.log(), home.run())) {
            Files.createDirectories(each);
        }
        return home;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> findings(Doctor doctor) {
        return (List<Map<String, Object>>) doctor.examine(List.of()).get("findings");
    }

    private static Map<String, Object> finding(List<Map<String, Object>> findings, String check) {
        return findings.stream()
                .filter(finding -> finding.get("check").equals(check))
                .findFirst()
                .orElseThrow();
    }
}
