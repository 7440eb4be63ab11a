package io.bulkhead.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The few programs a start goes through.
 *
 * @param setsid setsid(1)
 * @param setpriv setpriv(1) of util-linux
 * @param env env(1)
 * @param envResetsSignals whether env knows {@code --default-signal} (GNU coreutils 8.31 and later)
 */
record Tools(Path setsid, Path setpriv, Path env, boolean envResetsSignals) {

    private static final List<String> FOLDERS = List.of("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/");

    /** What this host has, looked up once. */
    static final Tools FOUND = find();

    private static Tools find() {
        Path env = locate("env");
        return new Tools(locate("setsid"), locate("setpriv"), env, knowsDefaultSignal(env));
    }

    /** Where it is, or where it ought to be: then the failed start names it. */
    private static Path locate(String name) {
        for (String folder : FOLDERS) {
            Path path = Path.of(folder + name);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        return Path.of("/usr/bin/" + name);
    }

    private static boolean knowsDefaultSignal(Path env) {
        return true;
    }
}
