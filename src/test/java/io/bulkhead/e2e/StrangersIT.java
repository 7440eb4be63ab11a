package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Programs that somebody else keeps, or nobody: the real PM2, supervisord and PHP-FPM, and what was left behind by a shell. And the doctor, who sees them all. */
class StrangersIT {

    private static final String PROGRAM = "setInterval(() => {}, 1000)\n";

    @SuppressWarnings("unchecked")
    private static Optional<Map<String, Object>> row(Sandbox sandbox, String words) throws Exception {
        for (Object row :
                (List<Object>) Json.read(sandbox.run("processes", "--json").ok().out())) {
            Map<String, Object> one = (Map<String, Object>) row;
            if ((one.get("command") + " " + one.get("folder")).contains(words)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    private static void eventuallyThere(Sandbox sandbox, String words) {
        eventually(words + " is seen", () -> row(sandbox, words).isPresent());
    }

    private static void end(Optional<Map<String, Object>> row) {
        row.flatMap(one -> ProcessHandle.of(((Number) one.get("pid")).longValue()))
                .ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void whatAShellLeftBehindAndWhatSupervisordKeeps() throws Exception {
        assumeTrue(
                Sandbox.hasNode() && Files.isExecutable(Path.of("/usr/bin/supervisord")), "needs node and supervisor");
        try (Sandbox sandbox = new Sandbox().up("apps: {}\n")) {
            sandbox.write("left/left-behind.js", PROGRAM);
            sandbox.write("kept/kept.js", PROGRAM);
            Path conf = sandbox.write("kept/supervisord.conf", """
                    [supervisord]
                    nodaemon=true
                    logfile=%1$s/kept/supervisord.log
                    pidfile=%1$s/kept/supervisord.pid
                    [program:mailer]
                    command=node kept.js
                    directory=%1$s/kept
                    """.formatted(sandbox.home));
            new ProcessBuilder("setsid", "sh", "-c", "nohup node left-behind.js >/dev/null 2>&1 & exit 0")
                    .directory(sandbox.home.resolve("left").toFile())
                    .start()
                    .waitFor();
            Process supervisord = new ProcessBuilder("supervisord", "-c", conf.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                eventuallyThere(sandbox, "left-behind.js");
                eventuallyThere(sandbox, "kept.js");
                Map<String, Object> left = row(sandbox, "left-behind.js").orElseThrow();
                assertThat(left).containsEntry("manager", "none").containsEntry("stop", "kill " + left.get("pid"));
                assertThat(row(sandbox, "kept.js").orElseThrow())
                        .containsEntry("manager", "supervisord")
                        .containsEntry("stop", "supervisorctl stop mailer");
                String doctor = sandbox.run("doctor").ok().out().replaceAll("\\s+", " ");
                assertThat(doctor)
                        .contains("runs and nobody restarts it: node left-behind.js", "> kill " + left.get("pid"))
                        .contains("supervisord runs 1 program");
            } finally {
                end(row(sandbox, "left-behind.js"));
                supervisord.destroy();
                supervisord.waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void whatPm2Keeps() throws Exception {
        assumeTrue(Sandbox.hasNode(), "needs node");
        Path pm2 = NodePackages.pm2();
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("shop/web.js", PROGRAM);
            sandbox.up("apps:\n  web: {command: node web.js, working_dir: " + sandbox.home + "/shop, ready: 100ms}\n");
            try {
                assertThat(pm2(pm2, sandbox, "start", "web.js", "--name", "shop-web"))
                        .isZero();
                eventuallyThere(sandbox, "web.js");
                Map<String, Object> row = row(sandbox, "web.js").orElseThrow();
                assertThat(row).containsEntry("manager", "pm2").containsEntry("stop", "pm2 delete shop-web");
                assertThat(sandbox.run("doctor").ok().out().replaceAll("\\s+", " "))
                        .contains("pm2 runs 1 program");
            } finally {
                pm2(pm2, sandbox, "kill");
            }
            eventually("it has gone with PM2", () -> row(sandbox, "web.js").isEmpty());
        }
    }

    private static int pm2(Path program, Sandbox sandbox, String... arguments) throws Exception {
        Stream<String> words = Stream.concat(Stream.of("node", program.toString()), Stream.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(words.toList())
                .directory(sandbox.home.resolve("shop").toFile())
                .redirectErrorStream(true)
                .redirectOutput(sandbox.home.resolve("pm2.out").toFile());
        builder.environment().put("PM2_HOME", sandbox.home.resolve("pm2").toString());
        Process process = builder.start();
        assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void poolsOfPhpFpmWithAndWithoutAStatusPage() throws Exception {
        Optional<Path> php;
        try (Stream<Path> programs = Files.list(Path.of("/usr/sbin"))) {
            php = programs.filter(file -> file.getFileName().toString().startsWith("php-fpm"))
                    .findFirst();
        }
        assumeTrue(php.isPresent(), "needs PHP-FPM");
        try (Sandbox sandbox = new Sandbox().up("apps: {}\n")) {
            Files.setPosixFilePermissions(sandbox.home, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path conf = sandbox.write("fpm.conf", """
                    [global]
                    error_log = %1$s/fpm.log
                    daemonize = no
                    include = %1$s/pool.d/*.conf
                    """.formatted(sandbox.home));
            String pool = """
                    [%s]
                    listen = %s
                    user = nobody
                    group = nogroup
                    pm = static
                    pm.max_children = 1
                    %s
                    """;
            Path seen = sandbox.home.resolve("seen.sock");
            sandbox.write("pool.d/blind.conf", pool.formatted("blind", sandbox.home.resolve("blind.sock"), ""));
            sandbox.write("pool.d/seen.conf", pool.formatted("seen", seen, "pm.status_path = /fpm-status"));
            Process fpm = new ProcessBuilder(php.get().toString(), "-F", "-y", conf.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                eventually("it has its pools", () -> Files.exists(seen));
                eventuallyThere(sandbox, conf.toString());
                String text = sandbox.run("processes").ok().out().replaceAll("\\s+", " ");
                assertThat(text)
                        .contains("pool blind", "pm.status_path is not set")
                        .contains("write pm.status_path = /fpm-status below [blind] in "
                                + sandbox.home.resolve("pool.d/blind.conf"))
                        .contains("pool seen (" + seen + "): 1 of at most 1 workers busy, 0 requests wait");
                ProcessHandle worker = fpm.children()
                        .filter(child -> commandLine(child).contains("pool seen"))
                        .findFirst()
                        .orElseThrow();
                Sandbox.kill(worker.pid(), "STOP");
                assertThat(sandbox.run("processes").ok().out().replaceAll("\\s+", " "))
                        .contains("its status page does not answer within 1 s", "pm.status_listen");
                Sandbox.kill(worker.pid(), "CONT");
            } finally {
                fpm.destroy();
                fpm.waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                    .replace('\0', ' ');
        } catch (IOException gone) {
            return "";
        }
    }

    @Test
    void theDoctorNeedsNoDaemon() throws Exception {
        int port = SshServer.quietPort();
        try (Sandbox sandbox = new Sandbox();
                java.net.ServerSocket taken =
                        new java.net.ServerSocket(port, 5, java.net.InetAddress.ofLiteral("127.0.0.1"))) {
            assertThat(taken.isBound()).isTrue();
            sandbox.write("bulkhead.yaml", "apps:\n  api: {command: sleep 1000, listen: '127.0.0.1:" + port + "'}\n");
            Sandbox.Result doctor = sandbox.run("doctor").ok();
            assertThat(doctor.out().replaceAll("\\s+", " "))
                    .contains("no daemon runs", "api needs this address, and java", "> bulkhead ports", ", Linux ");
            for (Object finding :
                    (List<?>) sandbox.run("doctor", "--json").ok().json().get("findings")) {
                assertThat(((Map<?, ?>) finding).keySet().stream().map(String::valueOf))
                        .containsExactlyInAnyOrder("check", "severity", "message", "evidence", "fix");
            }
        }
    }
}
