package io.bulkhead.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Whether the user's node runs TypeScript by itself: 22.18, 23.6 and newer strip types without being told (nodejs.org, "Running TypeScript natively"). */
final class TypeScript {

    private final Map<String, String> environment;

    TypeScript(Map<String, String> environment) {
        this.environment = environment;
    }

    /** @throws Failure where it does not; a node that cannot be found is the daemon's to tell, who looks for others */
    void check(String fileName) throws Failure, IOException {
        String version = version();
        if (!version.isEmpty() && !strips(version)) {
            throw Failure.of(
                    5,
                    "refused",
                    fileName + ": node " + version + " does not run TypeScript; 22.18, 23.6 and newer do",
                    "compile it and start the .js, or put a newer node first in your PATH");
        }
    }

    /** @param version such as {@code v22.18.0} */
    static boolean strips(String version) {
        int first = version.indexOf('.');
        int second = version.indexOf('.', first + 1);
        try {
            int major = Integer.parseInt(version.substring(1, first));
            int minor = Integer.parseInt(version.substring(first + 1, second));
            return major > 23 || (major == 23 && minor >= 6) || (major == 22 && minor >= 18);
        } catch (NumberFormatException | IndexOutOfBoundsException unheardOf) {
            return true;
        }
    }

    private String version() throws IOException {
        for (String folder : environment.getOrDefault("PATH", "").split(":", -1)) {
            Path node = Path.of(folder.isEmpty() ? "." : folder, "node");
            if (Files.isExecutable(node)) {
                Process process = new ProcessBuilder(node.toString(), "--version").start();
                process.getOutputStream().close();
                return new String(process.getInputStream().readNBytes(64), StandardCharsets.UTF_8).strip();
            }
        }
        return "";
    }
}
