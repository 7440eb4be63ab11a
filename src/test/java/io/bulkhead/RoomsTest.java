package io.bulkhead;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.StringEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows of ARCHITECTURE.md: which room may use which. */
class RoomsTest {

    /** The classes directly in {@code io.bulkhead}, the programs, may use every room. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            entry("json", Set.of()),
            entry("spec", Set.of("json")),
            entry("core", Set.of("spec")),
            entry("linux", Set.of()),
            entry("guard", Set.of("linux", "spec", "json")),
            entry("story", Set.of("core", "spec", "json")),
            entry("api", Set.of("core", "story", "spec", "json")),
            entry("host", Set.of("core", "linux", "guard", "spec", "story", "api", "json")),
            entry("cli", Set.of("api", "spec", "json")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.bulkhead");

    @Test
    void everyRoomUsesOnlyTheRoomsItMay() {
        MAY_USE.forEach((room, allowed) -> onlyArrows(room, allowed).check(CLASSES));
    }

    /** The commands read bulkhead.yaml: were that arrow forbidden, the rule would say so. */
    @Test
    void anArrowThatIsForbiddenIsSeen() {
        assertThatThrownBy(() -> onlyArrows("cli", Set.of("api", "json")).check(CLASSES))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("io.bulkhead.spec");
    }

    private static ArchRule onlyArrows(String room, Set<String> allowed) {
        List<String> forbidden = new ArrayList<>(List.of("io.bulkhead"));
        for (String other : MAY_USE.keySet()) {
            if (!other.equals(room) && !allowed.contains(other)) {
                forbidden.add(packages(other));
            }
        }
        return noClasses()
                .that()
                .resideInAPackage(packages(room))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden.toArray(String[]::new));
    }

    @Test
    void everyClassIsInARoom() {
        List<String> rooms = new ArrayList<>(List.of("io.bulkhead"));
        MAY_USE.keySet().forEach(room -> rooms.add(packages(room)));
        classes().should().resideInAnyPackage(rooms.toArray(String[]::new)).check(CLASSES);
    }

    @Test
    void noArrowsGoRound() {
        slices().matching("io.bulkhead.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyLinuxCallsTheKernel() {
        noClasses()
                .that()
                .resideOutsideOfPackage(packages("linux"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign")
                .check(CLASSES);
    }

    @Test
    void decisionsTouchNoClockThreadFileOrSocket() {
        noClasses()
                .that()
                .resideInAPackage(packages("core"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.net..", "java.nio.channels..", "java.nio.file.attribute..", "java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Thread.class, Process.class, ProcessBuilder.class, Files.class, java.io.File.class, Clock.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(java.time.ZonedDateTime.class, "now")
                .orShould()
                .callMethod(java.time.LocalDateTime.class, "now")
                .check(CLASSES);
    }

    /** Through the constant pools: text that begins with a path of the kernel's file systems. */
    @Test
    void onlyLinuxNamesTheKernelsFiles() throws IOException {
        Set<String> found = new TreeSet<>();
        for (var type : CLASSES) {
            String room = type.getPackageName();
            if (room.equals("io.bulkhead.linux") || room.startsWith("io.bulkhead.linux.")) {
                continue;
            }
            String resource = "/" + type.getName().replace('.', '/') + ".class";
            try (InputStream in = RoomsTest.class.getResourceAsStream(resource)) {
                ClassFile.of().parse(in.readAllBytes()).constantPool().forEach(entry -> {
                    if (entry instanceof StringEntry text && text.stringValue().matches("/(proc|sys)(/.*)?")) {
                        found.add(type.getName() + ": " + text.stringValue());
                    }
                });
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void everyRoomIsWrittenDown() throws IOException {
        Path root = Path.of(System.getProperty("basedir", ".")).resolve("src/main/java/io/bulkhead");
        try (Stream<Path> folders = Files.list(root).filter(Files::isDirectory)) {
            assertThat(MAY_USE.keySet())
                    .containsAll(folders.map(folder -> folder.getFileName().toString())
                            .toList());
        }
    }

    private static String packages(String room) {
        return "io.bulkhead." + room + "..";
    }
}
