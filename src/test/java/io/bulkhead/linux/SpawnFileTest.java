package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program really gets: read back from the kernel. */
class SpawnFileTest {

    private static final Path SLEEP = Path.of("/usr/bin/sleep");

    @TempDir
    Path folder;

    private final TestHost host = TestHost.without();

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void argumentsArriveByteForByte() throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "",
                " ",
                "a b",
                "'",
                "''",
                "\"",
                "\\",
                "\\n",
                "\n",
                "\n\n",
                "\t",
                "$HOME",
                "$(id)",
                "`id`",
                "*",
                "?",
                "[a]",
                "~",
                "!",
                "a;b",
                "&",
                "|",
                ">x",
                "<x",
                "#x",
                "-n",
                "--",
                "ä€😀",
                "x".repeat(5000),
                "\u0001\u007f",
                "%s"));
        // dash marks its own places in a word with the bytes 0x81 to 0x88, which are parts of these characters.
        for (char c = 0x80; c < 0x800; c++) {
            arguments.add(String.valueOf(c));
        }
        List<String> dump = new ArrayList<>(List.of("-c", "cat /proc/$$/cmdline >dump; echo >>dump", "name"));
        dump.addAll(arguments);
        compartment().exit(compartment().start(plain(Path.of("/bin/sh"), dump, Map.of("PATH", "/usr/bin:/bin"))));
        byte[] raw = Files.readAllBytes(folder.resolve("dump"));
        String text = new String(raw, 0, raw.length - 2, StandardCharsets.UTF_8);
        List<String> got = List.of(text.split("\0", -1));
        assertThat(got.subList(4, got.size())).isEqualTo(arguments);
    }

    @Test
    void theEnvironmentArrivesByteForByteAndNothingElse() throws IOException {
        Map<String, String> environment = new TreeMap<>(Map.of(
                "PLAIN",
                "x",
                "QUOTES",
                "it's \"so\" `now` $HOME \\ !",
                "LINES",
                "a\nb\n\n",
                "EMPTY",
                "",
                "my.var",
                "dots",
                "with-dash",
                "y'z",
                "1st",
                "number",
                "Ünïcödé",
                "äöü€😀"));
        // Names that shells treat as their own.
        for (String name : List.of(
                "IFS", "OPTIND", "PS1", "PS4", "PPID", "UID", "LINENO", "PATH", "PWD", "ENV", "TERM", "_", "RANDOM")) {
            environment.put(name, "own " + name);
        }
        environment.put("BIG", "b".repeat(100_000));
        environment.put("BULKHEAD_RUN", "r1");

        assertThat(environmentOf(start(plain(SLEEP, List.of("1000"), environment))))
                .isEqualTo(environment);
    }

    @Test
    void withoutAnEnvironmentThereIsNone() throws IOException {
        assertThat(environmentOf(start(plain(SLEEP, List.of("1000"), Map.of()))))
                .isEmpty();
    }

    @Test
    void aProgramWhoseNameHoldsAnEqualsSignRuns() throws IOException {
        Path odd = Files.createDirectory(folder.resolve("a=b c'd")).resolve("run=it");
        Files.copy(SLEEP, odd);
        Pidfd program = start(plain(odd, List.of("1000"), Map.of("A", "1")));

        awaitProgram(program, odd);
        assertThat(environmentOf(program)).isEqualTo(Map.of("A", "1"));
    }

    @Test
    void onlyStandardDescriptorsAndTheLockAreOpen() throws IOException {
        Pidfd program = start(plain(SLEEP, List.of("1000"), Map.of()));
        awaitProgram(program, SLEEP);

        Map<Integer, String> open = new TreeMap<>();
        for (Path entry : Files.newDirectoryStream(Path.of("/proc/" + program.pid() + "/fd"))) {
            open.put(
                    Integer.parseInt(entry.getFileName().toString()),
                    Files.readSymbolicLink(entry).toString());
        }
        String log = folder.resolve("log").toString();
        assertThat(open)
                .isEqualTo(Map.of(
                        0,
                        "/dev/null",
                        1,
                        log,
                        2,
                        log,
                        9,
                        folder.resolve("lock").toString()));
    }

    @Test
    void umaskFolderAndLimits() throws IOException {
        Path deep = Files.createDirectories(folder.resolve("it's a\nfolder $x"));
        SpawnFile file = new SpawnFile(
                Path.of("/bin/sh"),
                List.of(
                        "-c",
                        "echo x >made; umask; ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; cat /proc/self/limits"),
                deep,
                Map.of("PATH", "/usr/bin:/bin"),
                0137,
                OptionalInt.of(512),
                OptionalInt.of(5000),
                OptionalInt.of(500),
                Optional.empty(),
                List.of());
        Path out = folder.resolve("out");
        SpawnFile redirected = file.withArguments(
                List.of("-c", "exec >'" + out + "'; " + file.arguments().get(1)));
        assertThat(compartment().exit(compartment().start(redirected))).isEqualTo(ExitStatus.code(0));

        List<String> lines = Files.readAllLines(out);
        assertThat(lines.subList(0, 4)).containsExactly("0137", "512", "512", "500");
        assertThat(lines).anyMatch(line -> line.matches("Max processes +5000 +5000 .*"));
        assertThat(Files.readString(deep.resolve("made"))).isEqualTo("x\n");
        assertThat(compartment().otherAnswers()).isEmpty();
    }

    @Test
    void aLimitThatMayNotBeRaisedIsLoweredToWhatIsAllowedAndTold() throws IOException {
        int huge = 2_000_000_000;
        SpawnFile file = new SpawnFile(
                SLEEP,
                List.of("1000"),
                folder,
                Map.of(),
                022,
                OptionalInt.of(huge),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                List.of());
        Pidfd program = start(file);

        Keeper.Answer.Warned warned = compartment().answer(Keeper.Answer.Warned.class);
        assertThat(warned.step()).isEqualTo("nofile");
        assertThat(warned.message()).matches("nofile 2000000000: this host allows [0-9]+, used that");
        awaitProgram(program, SLEEP);
        String allowed = warned.message().replaceAll(".*allows ([0-9]+),.*", "$1");
        assertThat(Files.readString(Path.of("/proc/" + program.pid() + "/limits")))
                .containsPattern("Max open files +" + allowed + " +" + allowed);
    }

    @Test
    void anotherUserWithItsGroupsAndNoPrivileges() throws IOException {
        assumeTrue(Proc.HOST.user((int) ProcessHandle.current().pid()).orElse(-1) == 0, "needs root");
        Identity nobody = new Identity(65534, 65533, List.of(5, 7), "nobody", Path.of("/"));
        Pidfd program = start(new SpawnFile(
                SLEEP,
                List.of("1000"),
                Path.of("/"),
                Map.of(),
                022,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.of(nobody),
                List.of()));

        awaitProgram(program, SLEEP);
        String status = Files.readString(Path.of("/proc/" + program.pid() + "/status"));
        assertThat(status)
                .contains("Uid:\t65534\t65534\t65534\t65534\n")
                .contains("Gid:\t65533\t65533\t65533\t65533\n")
                .containsPattern("Groups:\t5 7 *\n")
                .contains("CapEff:\t0000000000000000\n");
        assertThat(Proc.HOST.stat(program.pid()).orElseThrow().session()).isEqualTo(program.pid());
    }

    /** ld.so complains once in each program that it cannot preload for: setsid, setpriv and env still have root's rights. */
    @Test
    void whatSteersTheLoaderIsSetAfterTheSwitchOfUser() throws IOException {
        assumeTrue(Proc.HOST.user((int) ProcessHandle.current().pid()).orElse(-1) == 0, "needs root");
        Identity nobody = new Identity(65534, 65534, List.of(), "nobody", Path.of("/"));
        Map<String, String> environment = Map.of("LD_PRELOAD", "/nonexistent/evil.so", "PATH", "/usr/bin:/bin");
        SpawnFile file = new SpawnFile(
                SLEEP,
                List.of("1000"),
                Path.of("/"),
                environment,
                022,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.of(nobody),
                List.of());

        String text = file.text(Tools.FOUND);
        assertThat(text).doesNotContain("export LD_PRELOAD").contains("export PATH=");
        assertThat(text.indexOf("LD_PRELOAD")).isGreaterThan(text.indexOf("setpriv"));
        assertThat(environmentOf(start(file))).isEqualTo(environment);
    }

    @Test
    void aNulCannotBePassed() {
        assertThatThrownBy(() -> SpawnFile.quote("a\0b")).isInstanceOf(IllegalArgumentException.class);
    }

    private Compartment opened;

    private Compartment compartment() throws IOException {
        if (opened == null) {
            opened = host.open(folder, CompartmentLimits.NONE);
        }
        return opened;
    }

    private SpawnFile plain(Path program, List<String> arguments, Map<String, String> environment) {
        return Compartment.program(folder, program, arguments, environment);
    }

    private Pidfd start(SpawnFile file) throws IOException {
        return compartment().start(file);
    }

    private static void awaitProgram(Pidfd program, Path file) throws IOException {
        Path real = file.toRealPath();
        org.awaitility.Awaitility.await()
                .until(() ->
                        Proc.HOST.executable(program.pid()).filter(real::equals).isPresent());
    }

    private static Map<String, String> environmentOf(Pidfd program) throws IOException {
        org.awaitility.Awaitility.await()
                .until(() -> Proc.HOST.commandLine(program.pid()).getLast().equals("1000")
                        && Proc.HOST
                                .executable(program.pid())
                                .filter(exe -> exe.getFileName().toString().matches("sleep|run=it"))
                                .isPresent());
        String raw =
                new String(Files.readAllBytes(Path.of("/proc/" + program.pid() + "/environ")), StandardCharsets.UTF_8);
        Map<String, String> environment = new TreeMap<>();
        for (String entry : raw.split("\0")) {
            if (!entry.isEmpty()) {
                String[] parts = entry.split("=", 2);
                environment.put(parts[0], parts[1]);
            }
        }
        return environment;
    }
}
