package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.api.Doc;
import io.bulkhead.api.FakeControl;
import io.bulkhead.api.HttpLimits;
import io.bulkhead.api.HttpServer;
import io.bulkhead.api.Routes;
import io.bulkhead.json.Json;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole commands against a fake daemon on a real socket. */
@Timeout(60)
class CliTest {

    @TempDir
    Path folder;

    private final FakeControl control = new FakeControl();
    private Shell shell;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        shell = new Shell(folder);
        shell.environment.put("BULKHEAD_HOME", folder.resolve("h").toString());
        server = serve(Home.at(folder.resolve("h")));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void statusPrintsATableOrADocument() throws Exception {
        assertThat(shell.run("status")).isZero();
        assertThat(shell.out()).contains("api        0  ready    4711").doesNotContain("\u001b");
        assertThat(shell.run("ls", "--json")).isZero();
        assertThat(Doc.of(Json.read(shell.out())).docs("apps")).hasSize(2);
        assertThat(shell.run("status", "nix")).isEqualTo(4);
        assertThat(shell.err()).isEqualTo("bulkhead: there is no app nix\n  bulkhead status lists them\n");
    }

    @Test
    void verbsSaySentencesAndEndWithTheWorstCode() {
        assertThat(shell.run("stop", "api", "nix", "worker")).isEqualTo(4);
        assertThat(shell.out()).isEqualTo("api: done stop\nworker: done stop\n");
        assertThat(shell.err()).contains("there is no app nix");
        assertThat(control.asked)
                .containsExactly("stop api {\"wait\":true}", "stop nix {\"wait\":true}", "stop worker {\"wait\":true}");
        assertThat(shell.run("restart", "--no-wait", "api/0")).isZero();
        assertThat(control.asked.getLast()).isEqualTo("restart api/0 {\"wait\":false}");
        assertThat(shell.run("signal", "USR2", "api")).isZero();
        assertThat(control.asked.getLast()).isEqualTo("signal api {\"wait\":true,\"signal\":\"USR2\"}");
        assertThat(shell.run("shutdown", "--keep-apps")).isZero();
        assertThat(control.asked.getLast()).isEqualTo("shutdown all {\"wait\":true,\"keepApps\":true}");
    }

    @Test
    void errorsAreDocumentsWhereAskedFor() throws Exception {
        assertThat(shell.run("show", "nix", "--json")).isEqualTo(4);
        Doc error = Doc.of(Json.read(shell.err())).doc("error");
        assertThat(error.text("code")).isEqualTo("no-such-app");
        assertThat(error.text("message")).isEqualTo("there is no app nix");
        assertThat(shell.out()).isEmpty();
    }

    @Test
    void usageEndsWithTwoAndLaterCommandsWithOne() {
        assertThat(shell.run("stauts")).isEqualTo(2);
        assertThat(shell.err()).contains("did you mean status?");
        assertThat(shell.run("logs", "-n", "many")).isEqualTo(2);
        for (Command command : Commands.all()) {
            if (command.group() == Command.Group.LATER) {
                assertThat(shell.run(command.name(), "api")).isEqualTo(1);
                assertThat(shell.err()).startsWith("bulkhead: bulkhead " + command.name() + " is not available yet\n");
            }
        }
    }

    @Test
    void everyCommandHasHelp() {
        for (Command command : Commands.all()) {
            assertThat(shell.run(command.name(), "--help")).as(command.name()).isZero();
            if (!command.name().equals("help")) {
                assertThat(shell.out()).startsWith("bulkhead " + command.name());
            }
        }
        assertThat(shell.run()).isZero();
        assertThat(shell.out()).contains("status [APP]", "Not available yet", "reload");
    }

    @Test
    void logsPassAsTheyAreIntoAPipeAndSafelyOntoATerminal() throws Exception {
        assertThat(shell.run("logs")).isZero();
        assertThat(shell.out()).isEqualTo("api/0| hello from api\nworker/0| hello from worker\n");
        assertThat(shell.run("logs", "api")).isZero();
        assertThat(shell.out()).isEqualTo("hello from api\n");
        shell.terminal = true;
        assertThat(shell.run("logs", "--no-color")).isZero();
        assertThat(shell.out()).isEqualTo("api/0 | hello from api\nworker/0 | hello from worker\n");
        assertThat(shell.run("logs", "api", "--path")).isZero();
        assertThat(shell.out()).isEqualTo("/var/log/bulkhead/api.log\n");
        assertThat(shell.run("logs", "nix")).isEqualTo(4);
    }

    @Test
    void logsFollowOntoATerminal() {
        shell.terminal = true;
        control.coming.add("api/0| \u001b[32mgreen\u001b[0m \u001b]0;title\u0007");
        Thread.ofVirtual().start(() -> shell.run("logs", "-f"));
        await().untilAsserted(() -> assertThat(shell.out()).contains("\u001b[32mgreen\u001b[0m \\x1b]0;title\\x07"));
    }

    @Test
    void eventsAreSentencesOrLinesOfJson() throws Exception {
        control.happen("instance.ready", "api", "ready, pid 4711");
        assertThat(shell.run("events")).isZero();
        assertThat(shell.out()).matches("2026-11-2\\d \\d\\d:\\d\\d:\\d\\d  api: ready, pid 4711\n");
        assertThat(shell.run("events", "--json")).isZero();
        assertThat(Doc.of(Json.read(shell.out().strip())).number("seq", 0)).isEqualTo(1);
    }

    @Test
    void whyTellsCauseEvidenceLastLinesAndAdvice() throws Exception {
        assertThat(shell.run("why")).isZero();
        assertThat(shell.out()).isEqualTo("nothing has gone wrong so far\n");
        assertThat(shell.run("why", "nix")).isEqualTo(4);
        control.incidents.add(FakeControl.object(
                "id",
                "i17",
                "time",
                "2026-11-21T23:50:11Z",
                "app",
                "worker",
                "instance",
                0L,
                "cause",
                "oom-limit",
                "summary",
                "worker: killed by the kernel at its limit of 128 MiB; restarted at once",
                "evidence",
                List.of("memory: peak 128 MiB, limit 128 MiB", "log: last \u001b[2Jwords"),
                "advice",
                List.of("raise memory, or look for a leak"),
                "resolved",
                false));
        assertThat(shell.run("why", "worker")).isZero();
        assertThat(shell.out().lines().skip(1))
                .containsExactly(
                        "",
                        "  worker: killed by the kernel at its limit of 128 MiB; restarted at once",
                        "",
                        "Evidence",
                        "  memory: peak 128 MiB, limit 128 MiB",
                        "",
                        "Last lines of its output",
                        "  | last \\x1b[2Jwords",
                        "",
                        "Advice",
                        "  raise memory, or look for a leak");
        assertThat(shell.run("why", "17", "--json")).isZero();
        assertThat(Doc.of(Json.read(shell.out())).text("cause")).isEqualTo("oom-limit");
        assertThat(shell.run("incidents")).isZero();
        assertThat(shell.out()).contains("i17", "worker", "oom-limit");
    }

    @Test
    void applyShowsTheDifferenceBeforeItActs() throws IOException {
        Path file = Files.writeString(folder.resolve("bulkhead.yaml"), "apps: {}\n");
        assertThat(shell.run("apply", "--dry-run")).isZero();
        assertThat(shell.out()).isEqualTo("configuration: " + file + "\n~ api  memory\ndry run: nothing was changed\n");
        assertThat(control.asked)
                .containsExactly("apply all {\"file\":\"" + file + "\",\"dryRun\":true,\"wait\":true,\"check\":true}");
        assertThat(shell.run("apply", "api")).isZero();
        assertThat(shell.out()).endsWith("1 app changed\n");
        assertThat(control.asked.getLast()).contains("\"dryRun\":false", "\"app\":\"api\"");
    }

    @Test
    void showAndDoctorAreReadable() {
        assertThat(shell.run("show", "api")).isZero();
        assertThat(shell.out())
                .contains("Settings in force", "memory", "128M", "DB_PASS")
                .contains("***");
        assertThat(shell.run("doctor")).isZero();
        assertThat(shell.out()).contains("ok      memory cgroup v1", "warning no kernel log", "run as root");
    }

    @Test
    void theDoctorLooksItselfWhereNoDaemonRuns() throws Exception {
        server.close();
        assertThat(shell.run("doctor")).isZero();
        assertThat(shell.out())
                .startsWith("info    no daemon runs for " + folder.resolve("h"))
                .contains("bulkhead up -f FILE", "ok      looked at " + folder.resolve("h/state"));
        assertThat(shell.run("doctor", "--json")).isZero();
        assertThat(Doc.of(Json.read(shell.out())).docs("findings"))
                .extracting(finding -> finding.text("check"))
                .containsExactly("daemon", "state");
    }

    @Test
    void aFirstFileIsWrittenOnceAndNeverOverYours() throws IOException {
        assertThat(shell.run("init")).isZero();
        assertThat(folder.resolve("bulkhead.yaml")).hasContent(FirstFile.TEXT);
        Files.writeString(folder.resolve("bulkhead.yaml"), "mine");
        assertThat(shell.run("init")).isEqualTo(1);
        assertThat(folder.resolve("bulkhead.yaml")).hasContent("mine");
    }

    @Test
    void checkNeedsNoDaemonAndTellsEveryProblem() throws Exception {
        server.close();
        Path file = Files.writeString(folder.resolve("x.yaml"), "apps:\n  api:\n    comand: true\n    memory: 12\n");
        assertThat(shell.run("check", "-f", "x.yaml")).isEqualTo(2);
        assertThat(shell.out())
                .startsWith("configuration: " + file + "\n")
                .contains(file + ":3:5: error: ", "        comand: true\n        ^\n", file + ":4:13: error: ");
        assertThat(shell.run("check", "--json", "-f", "x.yaml")).isEqualTo(2);
        assertThat(Doc.list(Json.read(shell.out()))).anySatisfy(finding -> {
            assertThat(finding.text("severity")).isEqualTo("error");
            assertThat(finding.number("line", 0)).isEqualTo(3);
            assertThat(finding.has("app") && finding.has("check") && finding.has("evidence") && finding.has("fix"))
                    .isTrue();
        });
    }

    @Test
    void checkAsksTheHostAboutEachApp() throws Exception {
        Files.writeString(
                folder.resolve("bulkhead.yaml"),
                "apps:\n  api: {command: node x, user: api}\n  job: {command: sleep 1}\n  more: {command: sleep 1}\n");
        assertThat(shell.run("check")).isZero();
        assertThat(shell.out())
                .contains(
                        "ok      api: ready to start",
                        "warning these would run as root: job, more\n        write user: NAME\n",
                        "3 apps checked, no errors");
        assertThat(shell.run("check", "--json")).isZero();
        assertThat(Doc.list(Json.read(shell.out())))
                .filteredOn(finding -> finding.text("check").equals("user"))
                .extracting(finding -> finding.text("app") + ": " + finding.text("message"))
                .containsExactly("job: it would run as root", "more: it would run as root");
        shell.refusals.put("api", "node: not found");
        assertThat(shell.run("check")).isEqualTo(5);
        assertThat(shell.out()).contains("error   api: node: not found", "ok      job", "1 error\n");
        assertThat(shell.run("check", "job")).isZero();
        assertThat(shell.run("check", "jop")).isEqualTo(4);
        assertThat(shell.err()).contains("did you mean job?");
    }

    @Test
    void theFirstFileAndTheSchemaAreAccepted() throws Exception {
        shell.root = false;
        assertThat(shell.run("init")).isZero();
        assertThat(shell.run("check")).as(shell.out()).isZero();
        assertThat(shell.run("schema")).isZero();
        assertThat(Doc.of(Json.readTrusted(shell.out())).text("$schema")).contains("json-schema.org");
    }

    @Test
    void withoutADaemonTheRemedyIsNamed() throws IOException {
        server.close();
        assertThat(shell.run("status")).isEqualTo(3);
        assertThat(shell.err()).contains("no daemon runs for " + folder.resolve("h"), "bulkhead up -f FILE");
        assertThat(shell.run("__apps")).isZero();
        assertThat(shell.run("version")).isZero();
        assertThat(shell.out()).startsWith("bulkhead 0.");
    }

    @Test
    void aUserWithoutADaemonUsesRootsWhereTheyMayAndElseIsToldOfIt() throws IOException {
        shell.environment.remove("BULKHEAD_HOME");
        shell.environment.put("HOME", folder.resolve("nobody").toString());
        shell.root = false;
        Home system = Home.system(shell.systemRoot);
        try (HttpServer roots = serve(system)) {
            assertThat(shell.run("status")).isZero();
        }
        assertThat(shell.run("status")).isEqualTo(3);
        assertThat(shell.err()).contains("root's lives in " + system.run(), "sudo bulkhead status");
        assertThat(shell.run("status", "--home", folder.resolve("h").toString()))
                .isZero();
    }

    private HttpServer serve(Home home) throws IOException {
        Files.createDirectories(home.run());
        return HttpServer.start(home.socket(), new Routes(control), HttpLimits.DEFAULT);
    }
}
