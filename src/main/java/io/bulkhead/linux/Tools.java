package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

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
    private static final int TRIAL_MILLIS = 2_000;

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

    /** Tried once, as no version number tells it for every env there is. */
    private static boolean knowsDefaultSignal(Path env) {
        List<String> argv = List.of("env", "--default-signal=INT,QUIT", env.toString());
        try {
            Spawn trial = new Spawn(env, argv, Map.of());
            for (int fd = 0; fd <= 2; fd++) {
                trial.open(fd, Path.of("/dev/null"), Spawn.READ_WRITE);
            }
            try (Pidfd process = Pidfd.open(trial.start())) {
                Poll.await(process.fd(), TRIAL_MILLIS);
                Optional<ExitStatus> status = process.reap();
                return status.isPresent() && status.get().code().equals(OptionalInt.of(0));
            }
        } catch (IOException cannotRun) {
            return false;
        }
    }
}
