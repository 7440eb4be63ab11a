package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real supervisord and PM2, and with processes that are started by hand. */
class OtherManagerCheckTest {

    private static final String COMMAND = "command: node server.js";
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private NodeRig rig = new NodeRig(Path.of("/"));
    private final List<Process> started = new ArrayList<>();
    private final List<String[]> atTheEnd = new ArrayList<>();

    @BeforeEach
    void anApp() throws IOException {
        rig = new NodeRig(folder);
        rig.write("package.json", "{\"name\":\"app\",\"scripts\":{\"start\":\"node server.js\"}}");
        rig.write("server.js", "require('fs').writeFileSync('pid-'+process.pid,'');setInterval(()=>{},1000)");
        rig.write("other/server.js", "setInterval(()=>{},1000)");
    }

    @AfterEach
    void end() throws Exception {
        for (String[] command : atTheEnd) {
            run(command);
        }
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    private Process start(Path place, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(place.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("output").toFile()));
        builder.environment().put("PM2_HOME", folder.resolve("pm2").toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private void run(String... command) throws Exception {
        assertThat(start(folder, command).waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    /** The program tells its number itself: what a manager's tool prints is not asked. */
    private long running() throws IOException {
        await().atMost(LONG).until(() -> marks().size() == 1);
        return Long.parseLong(marks().getFirst().substring("pid-".length()));
    }

    private List<String> marks() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith("pid-"))
                    .toList();
        }
    }

    private List<String> look(String... lines) throws Exception {
        return rig.look(lines);
    }

    @Test
    void nobodyElse() throws Exception {
        start(folder.resolve("other"), "node", "server.js");
        start(folder, "node", "-e", "setInterval(()=>{},1000)");
        start(folder, "sleep", "600");
        assertThat(look(COMMAND)).isEmpty();
        assertThat(look("command: sleep 601")).isEmpty();
    }

    @Test
    void oneThatWasStartedByHand() throws Exception {
        start(Path.of("/"), "node", folder.resolve("server.js").toString(), "--other");
        // It writes into its own folder, so it is known by its number here.
        long pid = started.getFirst().pid();
        await().atMost(LONG).until(() -> look(COMMAND).size() == 1);
        assertThat(look("command: npm start"))
                .singleElement()
                .asString()
                .startsWith("WARNING other-manager: the same program runs already, started by hand")
                .contains("(pid " + pid + ", ")
                .endsWith("| kill " + pid);
    }

    @Test
    void ourOwnAreNot() throws Exception {
        Process ours = start(folder, "sh", "-c", "node server.js & wait");
        long child = running();
        Subject subject = rig.subject(COMMAND);
        assertThat(NodeRig.look(subject)).hasSize(1);
        for (long pid : new long[] {child, ours.pid()}) {
            Set<Integer> known = new HashSet<>(Set.of((int) pid));
            Subject managed = new Subject(
                    subject.spec(),
                    subject.app(),
                    subject.program(),
                    subject.argv(),
                    subject.environment(),
                    subject.identity(),
                    known,
                    Map.of());
            assertThat(NodeRig.look(managed)).isEmpty();
        }
    }

    @Test
    void supervisord() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/supervisord")), "supervisord is missing: apt install supervisor");
        Path settings = rig.write(
                "supervisord.conf",
                "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=" + folder + "/supervisord.pid\n"
                        + "[program:worker]\nprocess_name=%(program_name)s_%(process_num)02d\ncommand=node server.js\ndirectory="
                        + folder
                        + "\nstopasgroup=true\n");
        start(folder, "/usr/bin/supervisord", "-n", "-c", settings.toString());
        long pid = running();
        assertThat(look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR other-manager: supervisord runs the same program already | node (pid " + pid + ", ")
                .endsWith("| supervisorctl stop worker:worker_00");
    }

    @Test
    void pm2() throws Exception {
        Path pm2 = installedPm2();
        rig.with("PM2_HOME", folder.resolve("pm2").toString());
        atTheEnd.add(new String[] {pm2.toString(), "kill"});
        run(pm2.toString(), "start", "server.js", "--name", "shop");
        long pid = running();
        List<Finding> found = NodeRig.look(rig.subject(COMMAND));
        assertThat(rig.words(found))
                .singleElement()
                .asString()
                .startsWith("ERROR other-manager: PM2 runs the same program already | node (pid " + pid + ", ")
                .contains("| pm2 delete shop && pm2 save");
        run(pm2.toString(), "save");
        run(pm2.toString(), "stop", "shop");
        assertThat(look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("INFO other-manager: PM2 has the same program in its saved list")
                .endsWith("| pm2 delete shop && pm2 save");
        run(pm2.toString(), "delete", "shop");
        run(pm2.toString(), "save", "--force");
        assertThat(look(COMMAND)).isEmpty();
    }

    private static Path installedPm2() {
        Path bench = Path.of(System.getProperty("user.home"), ".cache/bulkhead/bench/node_modules/.bin/pm2");
        Assumptions.assumeTrue(Files.isExecutable(bench), "PM2 is missing");
        return bench;
    }

    /** Of another language: the same file with the same arguments, whatever it is called on the way. */
    @Test
    void aProgramThatIsNotNode() throws Exception {
        Path tool = rig.write("tool.sh", "#!/bin/sh\nexec 0</dev/null; while :; do sleep 600; done\n");
        tool.toFile().setExecutable(true);
        start(Path.of("/"), tool.toString(), "work", "--all");
        await().atMost(LONG).until(() -> look("command: ./tool.sh work --all").size() == 1);
        assertThat(look("command: /bin/sh " + tool + " work --all")).hasSize(1);
        assertThat(look("command: ./tool.sh work")).isEmpty();
        Files.copy(tool, folder.resolve("other/tool.sh"));
        folder.resolve("other/tool.sh").toFile().setExecutable(true);
        assertThat(look("command: other/tool.sh work --all")).isEmpty();
    }
}
