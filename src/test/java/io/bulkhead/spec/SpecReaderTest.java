package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bulkhead.spec.AppSpec.Restart.Policy;
import io.bulkhead.spec.AppSpec.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecReaderTest {

    @TempDir
    Path folder;

    Reader reader;

    @BeforeEach
    void prepare() {
        reader = Reader.in(folder);
    }

    @Test
    void anAppOfOneLineGetsTheDefaultsOfTheSpecification() {
        AppSpec app = reader.app("autostart: true");
        assertThat(app.command()).isEqualTo(new AppSpec.Command(List.of("run"), false));
        assertThat(app.workingDir()).isEqualTo(folder);
        assertThat(app.umask()).isEqualTo(0022);
        assertThat(app.instances()).isEqualTo(1);
        assertThat(app.limits())
                .isEqualTo(new AppSpec.Limits(
                        Optional.empty(),
                        0,
                        0,
                        Optional.empty(),
                        true,
                        Optional.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty()));
        assertThat(app.memoryWatch()).isEmpty();
        assertThat(app.hooks()).isEqualTo(new AppSpec.Hooks(Map.of(), Duration.ofSeconds(60)));
        assertThat(app.node()).isEqualTo(AppSpec.NodeJs.OFF);
        assertThat(app.ready()).isEqualTo(new Ready.After(Duration.ofSeconds(1)));
        assertThat(app.listen()).isEmpty();
        assertThat(app.health()).isEmpty();
        assertThat(app.release()).isEqualTo(new AppSpec.Release(Duration.ofMinutes(2), true));
        assertThat(app.restart())
                .isEqualTo(new AppSpec.Restart(
                        Policy.ALWAYS,
                        Set.of(0),
                        new AppSpec.Backoff(
                                Duration.ofMillis(100), Duration.ofSeconds(30), Duration.ofSeconds(60), 0)));
        assertThat(app.stop()).isEqualTo(new AppSpec.Stop(15, false, Duration.ofSeconds(30)));
        assertThat(app.replace()).isEqualTo(AppSpec.Replace.STOP_FIRST);
        assertThat(app.priority()).isEqualTo(100);
        assertThat(app.log()).isEqualTo(LogSpec.DEFAULT);
        assertThat(app.user()).isEmpty();
        assertThat(app.schedule()).isEmpty();
    }

    @Test
    void everyAvailableKeyIsRead() {
        AppSpec app = reader.app(
                "working_dir: srv/api",
                "user: api",
                "group: 1000",
                "umask: \"0027\"",
                "instances: 3",
                "memory: 512M",
                "memory_swap: 64M",
                "cpu: 1.5",
                "pids: 200",
                "nofile: 65536",
                "oom_priority: 300",
                "env_file: [.env, /etc/api.env]",
                "environment: {NODE_ENV: production, PORT: 3000, VERSION: 1.10}",
                "required_environment: [DB_HOST]",
                "mask: [DB_PASS]",
                "ready: 5s",
                "restart: on-failure",
                "success_codes: [0, 143]",
                "backoff: {first: 1s, max: 1m, reset_after: 2m, max_attempts: 7}",
                "stop_signal: SIGQUIT",
                "stop_signal_to: tree",
                "stop_grace_period: 90",
                "replace: start-first",
                "autostart: false",
                "priority: 200",
                "schedule: {start: \"*/5 * * * *\", overlap: queue, timezone: Europe/Berlin}",
                "max_age: 24h",
                "log: {max_size: 10M, keep: 3, compress: false, timestamps: true, split: true, file: out.log}");
        Path home = folder.resolve("srv/api");
        assertThat(app.workingDir()).isEqualTo(home);
        assertThat(app.user()).contains("api");
        assertThat(app.group()).contains("1000");
        assertThat(app.umask()).isEqualTo(0027);
        assertThat(app.instances()).isEqualTo(3);
        assertThat(app.limits())
                .isEqualTo(new AppSpec.Limits(
                        Optional.of(512L << 20),
                        64L << 20,
                        0,
                        Optional.empty(),
                        true,
                        Optional.of(1.5),
                        OptionalInt.of(200),
                        OptionalInt.of(65536),
                        OptionalInt.of(300)));
        assertThat(app.envFiles()).containsExactly(home.resolve(".env"), Path.of("/etc/api.env"));
        assertThat(app.environment()).isEqualTo(Map.of("NODE_ENV", "production", "PORT", "3000", "VERSION", "1.10"));
        assertThat(app.requiredEnvironment()).containsExactly("DB_HOST");
        assertThat(app.masked()).containsExactly("DB_PASS");
        assertThat(app.ready()).isEqualTo(new Ready.After(Duration.ofSeconds(5)));
        assertThat(app.restart())
                .isEqualTo(new AppSpec.Restart(
                        Policy.ON_FAILURE,
                        Set.of(0, 143),
                        new AppSpec.Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(2), 7)));
        assertThat(app.stop()).isEqualTo(new AppSpec.Stop(3, true, Duration.ofSeconds(90)));
        assertThat(app.replace()).isEqualTo(AppSpec.Replace.START_FIRST);
        assertThat(app.autostart()).isFalse();
        assertThat(app.priority()).isEqualTo(200);
        assertThat(app.schedule())
                .contains(new Schedule.StartAt(new Cron("*/5 * * * *", ZoneId.of("Europe/Berlin")), true));
        assertThat(app.maxAge()).contains(Duration.ofHours(24));
        assertThat(app.log())
                .isEqualTo(new LogSpec(10L << 20, 3, false, true, true, Optional.of(home.resolve("out.log"))));
    }

    @Test
    void composesFormsAreUnderstood() {
        Spec spec = reader.spec("""
                x-shared: &shared
                  environment: [A=1, "B=two words", PORT, C=]
                  env_file: .env
                  mem_limit: 256m
                  cpus: "0.5"
                apps:
                  a:
                    <<: *shared
                    command: run
                    restart: unless-stopped
                    x-note: anything
                    depends_on:
                      b: {condition: service_started}
                  b:
                    <<: [*shared]
                    command: run
                    cpus: 2
                    restart: "no"
                  c: {command: run, restart: on-failure:5}
                """);
        AppSpec a = spec.apps().get("a");
        assertThat(a.environment()).isEqualTo(Map.of("A", "1", "B", "two words", "PORT", "3000", "C", ""));
        assertThat(a.envFiles()).containsExactly(folder.resolve(".env"));
        assertThat(a.limits().memory()).contains(256L << 20);
        assertThat(a.limits().cpu()).contains(0.5);
        assertThat(a.restart().policy()).isEqualTo(Policy.ALWAYS);
        assertThat(a.dependsOn()).containsExactly("b");
        assertThat(spec.apps().get("b").limits().cpu()).contains(2.0);
        assertThat(spec.apps().get("b").restart().policy()).isEqualTo(Policy.NEVER);
        assertThat(spec.apps().get("c").restart().policy()).isEqualTo(Policy.ON_FAILURE);
        assertThat(spec.apps().get("c").restart().backoff().maxAttempts()).isEqualTo(5);
    }

    @Test
    void servicesAreAnsweredWithWhereProgramsGo() {
        SpecReader.Reading reading = reader.read("services:\n  web:\n    image: nginx\n");
        assertThat(reading.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.line()).isEqualTo(1);
            assertThat(problem.hint().orElseThrow()).contains("programs go under apps");
        });
    }

    @Test
    void variablesComeFromTheEnvFileThenFromTheDaemonThenFromTheDefault() {
        reader.write(".env", "NAME=from-file\nPORT=4000\n");
        AppSpec app = reader.app(
                "environment:",
                "  A: ${NAME}",
                "  B: \"${PORT}\"",
                "  C: ${HOME}",
                "  D: ${NONE:-fallback}",
                "  E: ${EMPTY:-fallback}",
                "  F: $$HOME and $HOME",
                "  G: ${NONE:-${NAME}}",
                "  H: \"${EMPTY}\"",
                "instances: ${COUNT:-2}");
        assertThat(app.environment())
                .isEqualTo(Map.of(
                        "A", "from-file",
                        "B", "4000",
                        "C", "/home/me",
                        "D", "fallback",
                        "E", "fallback",
                        "F", "$HOME and $HOME",
                        "G", "from-file",
                        "H", ""));
        assertThat(app.instances()).isEqualTo(2);
    }

    @Test
    void aVariableWithoutValueIsAnErrorWhereItStands() {
        assertThat(reader.wrong("environment: {A: \"x${NONE}\"}"))
                .containsExactly("4:24 variable \"NONE\" has no value");
        assertThat(reader.read("apps: {a: {command: run, user: ${NONE}}}")
                        .problems()
                        .getFirst()
                        .hint())
                .contains("inside [ ] and { }, put ${…} into quotes");
        assertThat(reader.wrong("environment: {A: \"${NONE\"}")).containsExactly("4:23 \"${\" has no closing \"}\"");
        assertThat(reader.wrong("environment: {A: \"${NONE:?why}\"}").getFirst())
                .contains("a form that is not known");
    }

    @Test
    void aPercentageIsPartOfTheHostsMemory() {
        assertThat(reader.app("memory: 25%").limits().memory()).contains(1L << 30);
        assertThat(reader.app("instances: max").instances()).isEqualTo(2);
    }

    @Test
    void defaultsReachEveryAppAndMapsAreJoined() {
        Spec spec = reader.spec("""
                server: {log: {keep: 3, timestamps: true}}
                defaults:
                  memory: 100M
                  environment: {A: 1, B: 1}
                  mask: [A]
                  log: {keep: 4}
                  backoff: {first: 1s}
                apps:
                  a:
                    command: run
                    environment: [B=2]
                    mask: [B]
                    log: {split: true}
                    backoff: {max: 2m}
                  b: {command: run, memory: 200M}
                """);
        AppSpec a = spec.apps().get("a");
        assertThat(a.limits().memory()).contains(100L << 20);
        assertThat(a.environment()).isEqualTo(Map.of("A", "1", "B", "2"));
        assertThat(a.masked()).containsExactlyInAnyOrder("A", "B");
        assertThat(a.log()).isEqualTo(new LogSpec(50L << 20, 4, true, true, true, Optional.empty()));
        assertThat(a.restart().backoff().first()).isEqualTo(Duration.ofSeconds(1));
        assertThat(a.restart().backoff().max()).isEqualTo(Duration.ofMinutes(2));
        assertThat(spec.apps().get("b").limits().memory()).contains(200L << 20);
        assertThat(spec.apps().keySet()).containsExactly("a", "b");
        assertThat(spec.server().log().keep()).isEqualTo(3);
    }

    @Test
    void aPathStartsAtTheFileItIsWrittenIn() throws IOException {
        Files.createDirectories(folder.resolve("conf.d"));
        reader.write("conf.d/b.yaml", "apps: {b: {command: run, working_dir: x, env_file: e}}");
        reader.write("conf.d/a.yaml", "apps: {a: {command: run}}");
        reader.write("conf.d/.hidden.yaml", "nonsense: 1");
        reader.write("conf.d/README", "nonsense");
        Spec spec = reader.readWithFolder("apps: {main: {command: run, working_dir: ~/app}}")
                .spec()
                .orElseThrow();
        assertThat(spec.apps().keySet()).containsExactly("main", "a", "b");
        assertThat(spec.apps().get("main").workingDir()).isEqualTo(Path.of("/home/me/app"));
        assertThat(spec.apps().get("a").workingDir()).isEqualTo(folder.resolve("conf.d"));
        assertThat(spec.apps().get("b").envFiles()).containsExactly(folder.resolve("conf.d/x/e"));
        assertThat(spec.files())
                .containsExactly(
                        folder.resolve("bulkhead.yaml"),
                        folder.resolve("conf.d/a.yaml"),
                        folder.resolve("conf.d/b.yaml"));
    }

    @Test
    void anAppInTwoFilesIsAnErrorThatNamesBoth() {
        reader.write("conf.d/b.yaml", "\napps: {a: {command: run}}");
        SpecReader.Reading reading = reader.readWithFolder("apps: {a: {command: run}}");
        assertThat(reading.spec()).isEmpty();
        assertThat(reading.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.file()).endsWith("conf.d/b.yaml");
            assertThat(problem.line()).isEqualTo(2);
            assertThat(problem.message()).contains("\"a\"").contains("bulkhead.yaml:1");
        });
    }

    @Test
    void everyProblemOfEveryFileIsReportedAtOnceInTheOrderOfThePlaces() {
        reader.write("conf.d/b.yaml", "apps: {b: {comand: run}}");
        SpecReader.Reading reading = reader.readWithFolder(
                "apps:\n  a:\n    memory: -1M\n    command: run\n    memmory: 1M\n  c: {command: 'x'}\nserve: {}\n");
        assertThat(reading.problems().stream().map(Problem::message))
                .containsExactly(
                        "\"memory\" must not be negative",
                        "unknown key \"memmory\"; did you mean \"memory\"?",
                        "unknown key \"serve\"; did you mean \"server\"?",
                        "unknown key \"comand\"; did you mean \"command\"?");
    }

    @Test
    void aKeyOfALaterVersionIsCheckedAndRefusedUnlessItIsOff() {
        assertThat(reader.wrong("queue: {bullmq: emails}")).containsExactly("4:5 \"queue\" is not available yet");
        assertThat(reader.wrong("queue: {bulmq: emails}"))
                .containsExactly(
                        "4:5 \"queue\" is not available yet", "4:13 unknown key \"bulmq\"; did you mean \"bullmq\"?");
        assertThat(reader.wrong("memory_drain: off", "listen: false", "node: off", "hooks: {}", "watch: []"))
                .isEmpty();
    }

    @Test
    void aMemoryLimitIsWatchedFromEightyPercentOnUnlessSomethingElseIsWritten() {
        long limit = 500L << 20;
        assertThat(reader.app("memory: 500M").memoryWatch())
                .contains(new AppSpec.MemoryWatch(Optional.of(400L << 20), 20));
        assertThat(reader.app("memory: 500M", "memory_drain: 450M", "memory_buffer: 12.5%")
                        .memoryWatch())
                .contains(new AppSpec.MemoryWatch(Optional.of(450L << 20), 12.5));
        assertThat(reader.app("memory: 500M", "memory_drain: off", "memory_buffer: off")
                        .memoryWatch())
                .contains(new AppSpec.MemoryWatch(Optional.empty(), 0));
        assertThat(reader.app("memory: 500M", "memory_drain: 100%")
                        .memoryWatch()
                        .orElseThrow()
                        .drainAt())
                .contains(limit);
    }

    @Test
    void whatCannotBeAboutMemoryIsRefused() {
        assertThat(reader.wrong("memory: 100M", "memory_drain: 200M"))
                .containsExactly(
                        "5:19 \"memory_drain\" (200M) is above \"memory\" (100M): the kernel would kill it first");
        assertThat(reader.wrong("memory: 100M", "memory_drain: 120%")).hasSize(1);
        assertThat(reader.wrong("memory: 100M", "memory_drain: 0%"))
                .containsExactly("5:19 \"memory_drain\" of nothing would replace it for ever");
        assertThat(reader.wrong("memory: 100M", "memory_min: 200M"))
                .containsExactly("5:17 \"memory_min\" is above \"memory\" (100M)");
        assertThat(reader.wrong("memory: 100M", "oom_kill: all")).hasSize(1);
        assertThat(reader.wrong("pool: workers")).containsExactly("4:11 \"pool\" names \"workers\", which is no pool");
    }

    @Test
    void poolsReserveAndBudgetStandOutsideTheApps() {
        SpecReader.Reading reading = reader.read("server: {reserve: 300M, budget: refuse}\n"
                + "pools: {workers: {memory: 1G}}\n"
                + "apps: {a: {command: run, pool: workers}}\n");
        assertThat(reading.problems()).isEmpty();
        Spec spec = reading.spec().orElseThrow();
        assertThat(spec.server().reserve()).isEqualTo(300L << 20);
        assertThat(spec.server().refuseOverBudget()).isTrue();
        assertThat(spec.pools()).isEqualTo(Map.of("workers", 1L << 30));
        assertThat(reader.read("pools: {workers: {}}\napps: {a: {command: run}}\n")
                        .problems())
                .hasSize(1);
    }

    @Test
    void otherProgramsWordsLeadToOurs() {
        assertThat(reader.wrong("cwd: /srv")).containsExactly("4:5 unknown key \"cwd\"; did you mean \"working_dir\"?");
        assertThat(reader.wrong("max_memory_restart: 1G"))
                .containsExactly("4:5 unknown key \"max_memory_restart\"; did you mean \"memory\"?");
        assertThat(reader.wrong("memory: 1G", "mem_limit: 1G"))
                .containsExactly("5:5 \"memory\" and \"mem_limit\" are the same key");
    }

    @Test
    void aKeyOfAnAppAtTheTopIsSentToItsPlace() {
        assertThat(reader.read("command: run\napps: {}\n").problems().getFirst().hint())
                .contains("it belongs to an app: write it under apps: NAME:");
    }

    @Test
    void commandsComeInThreeForms() {
        assertThat(reader.spec("apps: {a: {command: [node, 'a b', 3]}}")
                        .apps()
                        .get("a")
                        .command())
                .isEqualTo(new AppSpec.Command(List.of("node", "a b", "3"), false));
        assertThat(reader.spec("apps: {a: {command: {shell: 'a | b'}}}")
                        .apps()
                        .get("a")
                        .command())
                .isEqualTo(new AppSpec.Command(List.of("/bin/sh", "-c", "a | b"), true));
        assertThat(reader.spec("apps: {a: {command: node 'a b'}}")
                        .apps()
                        .get("a")
                        .command())
                .isEqualTo(new AppSpec.Command(List.of("node", "a b"), false));
    }

    @Test
    void shellSyntaxInACommandIsAnErrorAtTheCharacter() {
        assertThat(Reader.places(reader.read("apps:\n  a:\n    command: node x | tee y\n")))
                .containsExactly("3:21 \"command\" holds \"|\", which needs a shell");
        assertThat(Reader.places(reader.read("apps:\n  a:\n    command: \"node 'x\"\n")))
                .containsExactly("3:20 \"command\" has an unclosed single quote");
    }

    @Test
    void aCircleOfDependenciesIsNamed() {
        SpecReader.Reading reading = reader.read("""
                apps:
                  a: {command: run, depends_on: [b]}
                  b: {command: run, depends_on: [c]}
                  c: {command: run, depends_on: [b]}
                  d: {command: run, depends_on: [d]}
                """);
        assertThat(Reader.places(reading))
                .containsExactly(
                        "4:34 \"depends_on\" goes round in a circle: b → c → b",
                        "5:34 the app \"d\" depends on itself");
    }

    @Test
    void anUnknownDependencyIsAnErrorWithAGuess() {
        assertThat(Reader.places(reader.read(
                        "apps:\n  api: {command: run}\n  worker: {command: run, depends_on: [apu, zzz]}\n")))
                .containsExactly(
                        "3:39 \"depends_on\" names \"apu\", which is no app, external or tunnel; did you mean \"api\"?",
                        "3:44 \"depends_on\" names \"zzz\", which is no app, external or tunnel");
    }

    @Test
    void twoAppsOnOneAddressAreReported() {
        SpecReader.Reading reading = reader.read("""
                apps:
                  a: {command: run, listen: 3000}
                  b: {command: run, listen: "127.0.0.1:3000"}
                  c: {command: run, listen: "127.0.0.2:3001"}
                  d: {command: run, listen: ["127.0.0.1:3001", /run/x.sock]}
                  e: {command: run, listen: {address: /run/x.sock}}
                """);
        assertThat(Reader.places(reading).stream().filter(line -> line.contains("as does")))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("3:29") && line.contains("\"a\""))
                .anyMatch(line -> line.startsWith("6:29") && line.contains("/run/x.sock"));
    }

    @Test
    void namesOfAppsHaveARule() {
        assertThat(Reader.places(reader.read("apps:\n  a/b: {command: run}\n")))
                .containsExactly("2:3 \"a/b\" cannot be the name of an app: it holds \"/\"");
        assertThat(Reader.places(reader.read("apps:\n  a b: {command: run}\n")))
                .containsExactly("2:3 \"a b\" cannot be the name of an app: it holds a blank");
        assertThat(Reader.places(reader.read("apps:\n  " + "x".repeat(300) + ": {command: run}\n"))
                        .getFirst())
                .endsWith("it has 300 characters");
        assertThat(Reader.places(reader.read("apps:\n  all: {command: run}\n")).getFirst())
                .contains("\"all\" is taken");
        assertThat(Reader.places(reader.read("apps:\n  '': {command: run}\n")).getFirst())
                .contains("it is empty");
        assertThat(Reader.places(reader.read("apps:\n  -x: {command: run}\n")).getFirst())
                .contains("begins with \"-\"");
        assertThat(reader.spec("apps: {8-a.b_c: {command: run}}").apps()).containsKey("8-a.b_c");
    }

    @Test
    void oneShotsAreStartedByScheduleOnlyWhenTheyMayEnd() {
        assertThat(reader.wrong("schedule: {start: '@daily'}").getFirst()).contains("restart: always");
        assertThat(reader.wrong("schedule: {start: '@daily'}", "restart: never"))
                .isEmpty();
        assertThat(reader.wrong("schedule: {start: '@daily', restart: '@daily'}", "restart: never")
                        .getFirst())
                .contains("both");
        assertThat(reader.wrong("schedule: {}").getFirst()).contains("wants \"restart\" or \"start\"");
        assertThat(reader.wrong("schedule: {restart: '0 25 * * *'}"))
                .containsExactly("4:28 \"restart\" has a wrong hour: \"25\"");
        assertThat(reader.wrong("schedule: {restart: '@daily', timezone: Europe/Berln}")
                        .getFirst())
                .contains("names no time zone");
    }

    @Test
    void valuesOutOfBoundsAreRefused() {
        assertThat(reader.wrong("memory: 0")).containsExactly("4:13 \"memory\" must be 1M or more");
        assertThat(reader.wrong("memory: 512")).containsExactly("4:13 \"memory\" has no unit");
        assertThat(reader.wrong("memory: 9999999999T")).hasSize(1);
        assertThat(reader.wrong("instances: -1"))
                .containsExactly("4:16 \"instances\" wants a whole number from 0 to 1000, not the number -1");
        assertThat(reader.wrong("instances: 1001")).hasSize(1);
        assertThat(reader.wrong("instances: many"))
                .containsExactly("4:16 \"instances\" wants a whole number from 0 to 1000, or max, not \"many\"");
        assertThat(reader.wrong("umask: 22").getFirst()).contains("octal");
        assertThat(reader.wrong("umask: 0022")).isEmpty();
        assertThat(reader.wrong("umask: \"0999\"")).hasSize(1);
        assertThat(reader.wrong("stop_grace_period: 601").getFirst()).contains("no unit");
        assertThat(reader.wrong("stop_grace_period: -5s").getFirst()).contains("negative");
        assertThat(reader.wrong("max_age: 0s").getFirst()).contains("between 1s and 366d");
        assertThat(reader.wrong("backoff: {first: 1m, max: 1s}").getFirst()).contains("longer than \"max\"");
        assertThat(reader.wrong("memory_swap: 1G").getFirst()).contains("only with \"memory\"");
        assertThat(reader.wrong("autostart: yes").getFirst()).contains("true or false, not \"yes\"");
        assertThat(reader.wrong("stop_signal: SIGTREM").getFirst()).contains("did you mean \"TERM\"?");
        assertThat(reader.wrong("replace: start_first").getFirst()).contains("did you mean \"start-first\"?");
        assertThat(reader.wrong("environment: {A: [1]}").getFirst()).contains("\"A\" wants text, not a list");
        assertThat(reader.wrong("environment: {A=B: 1}").getFirst()).contains("cannot be the name of a variable");
        assertThat(reader.wrong("memory:").getFirst()).contains("not nothing");
    }

    @Test
    void withoutRootAUserIsAWarning() {
        Host plain = new Host(Map.of(), 1L << 30, 1, false, ZoneId.of("UTC"));
        Path file = reader.write("bulkhead.yaml", "apps: {a: {command: run, user: api}}");
        SpecReader.Reading reading = SpecReader.read(file, Optional.empty(), plain);
        assertThat(reading.spec()).isPresent();
        assertThat(reading.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.severity()).isEqualTo(Problem.Severity.WARNING));
    }

    @Test
    void aFileWithoutAppsIsAWarning() {
        SpecReader.Reading reading = reader.read("server: {}\n");
        assertThat(reading.spec()).isPresent();
        assertThat(reading.problems()).hasSize(1);
    }

    @Test
    void whatIsNoSourceIsNotRestored() {
        assertThatThrownBy(() -> SpecReader.restore("a", "{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SpecReader.restore("a", "{\"command\":[\"x\"],\"nonsense\":1}"))
                .hasMessageContaining("nonsense");
    }
}
