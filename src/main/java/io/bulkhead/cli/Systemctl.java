package io.bulkhead.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** systemctl(1) of the system's service manager, or of the user's own. */
final class Systemctl {

    /** Longer than TimeoutStartSec of the unit: systemd itself says when a start has failed. */
    private static final int LONGEST_SECONDS = 330;

    private final Path systemRoot;
    private final boolean system;
    private final Map<String, String> environment;

    /** @param system root's, not the user's own */
    Systemctl(Path systemRoot, boolean system, Map<String, String> environment) {
        this.systemRoot = systemRoot;
        this.system = system;
        this.environment = environment;
    }

    /** Whether systemd starts and stops services here: sd_booted(3); and whether the user has a service manager of their own. */
    boolean rules() {
        return Files.isDirectory(systemRoot.resolve("run/systemd/system"))
                && Files.isExecutable(program())
                && (system || Files.exists(Path.of(runtimeFolder()).resolve("systemd")));
    }

    private Path program() {
        return systemRoot.resolve("usr/bin/systemctl");
    }

    /** Where it is not set (su, cron), it is where systemd puts it. */
    private String runtimeFolder() {
        String set = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!set.isEmpty()) {
            return set;
        }
        try {
            Object uid = Files.getAttribute(Path.of(environment.getOrDefault("HOME", "/")), "unix:uid");
            return systemRoot.resolve("run/user/" + uid).toString();
        } catch (IOException homeless) {
            return "";
        }
    }

    boolean succeeds(String... words) throws IOException {
        return call(words).exit == 0;
    }

    /** @throws Failure with what it said when it did not succeed */
    void run(String... words) throws IOException, Failure {
        Ended ended = call(words);
        if (ended.exit != 0) {
            String said = ended.said.isEmpty() ? "exit code " + ended.exit : ended.said;
            throw Failure.of(
                    1,
                    "systemctl",
                    words(words) + ": " + said,
                    "bulkhead logs --daemon, or journalctl" + (system ? " -u bulkhead" : " --user -u bulkhead"));
        }
    }

    /** The command as a person types it. */
    String words(String... words) {
        return "systemctl " + (system ? "" : "--user ") + String.join(" ", words);
    }

    private record Ended(int exit, String said) {}

    private Ended call(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(program().toString()));
        if (!system) {
            command.add("--user");
        }
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (!system) {
            builder.environment().put("XDG_RUNTIME_DIR", runtimeFolder());
        }
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            boolean ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
            return new Ended(ended ? process.exitValue() : 1, said);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ended(1, "interrupted");
        } finally {
            process.destroyForcibly();
        }
    }
}
