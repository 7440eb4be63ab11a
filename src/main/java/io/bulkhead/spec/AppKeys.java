package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Positive;
import io.bulkhead.spec.Scalars.Text;
import io.bulkhead.spec.Scalars.Whole;
import io.bulkhead.spec.Scalars.Word;
import io.bulkhead.spec.Several.Each;
import io.bulkhead.spec.Several.Many;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The table of what an app may say and what is carried out today, in the order of SPEC section 2. */
final class AppKeys {

    /** Stands for {@code instances: max} until the number of CPUs is known. */
    static final int MAX_INSTANCES = -1;

    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration YEAR = Duration.ofDays(366);

    static final Key<Command> COMMAND = Key.of(
                    "command",
                    AppTypes.COMMAND,
                    "What to run: a string split as a shell would, run without one; a list; or {shell: TEXT}.")
            .foreign("cmd", "script", "exec", "program", "run", "entrypoint");
    static final Key<Path> WORKING_DIR = Key.of(
                    "working_dir",
                    AppTypes.PATH,
                    "The folder it runs in, relative to this file; by default this file's.")
            .foreign("cwd", "directory", "dir", "workdir");
    static final Key<String> USER = Key.of(
                    "user", new Text("the name or number of a user", 64), "User it runs as; needs root.")
            .foreign("uid");
    static final Key<String> GROUP = Key.of(
                    "group", new Text("the name or number of a group", 64), "Group it runs as; by default the user's.")
            .foreign("gid");
    static final Key<Integer> UMASK = Key.of(
                    "umask", AppTypes.UMASK, "Mask of the modes of new files, octal, in quotes.")
            .standard("0022");
    static final Key<Integer> INSTANCES = Key.of(
                    "instances",
                    choice(
                            "a whole number from 0 to 1000, or max",
                            new Whole(0, 1000),
                            new Mapped<>(Word.of("max"), word -> MAX_INSTANCES)),
                    "How many of it run; max: one for each CPU.")
            .standard("1")
            .foreign("numprocs", "replicas", "scale", "processes");
    static final Key<Double> CPU =
            Key.of("cpu", new Positive(4096), "CPUs' worth of time it may use.").alias("cpus");
    static final Key<Integer> PIDS = Key.of("pids", new Whole(1, 4_194_304), "Processes and threads it may have.")
            .foreign("pids_limit", "nproc");
    static final Key<Integer> NOFILE = Key.of("nofile", new Whole(16, 1_048_576), "Files it may have open at once.");
    static final Key<Integer> OOM_PRIORITY = Key.of(
                    "oom_priority",
                    new Whole(0, 1000),
                    "How readily the kernel ends it when the host runs out of memory: 1000 is first.")
            .foreign("oom_score_adj");
    static final Key<List<String>> ENV_FILE = Key.of(
                    "env_file", AppTypes.FILES, "Files of NAME=value, relative to working_dir, read at every start.")
            .foreign("envfile", "env_files");
    static final Key<Map<String, String>> ENVIRONMENT = Key.of(
                    "environment",
                    AppTypes.ENVIRONMENT,
                    "Variables: a map, or a list of NAME=value; a bare NAME passes on.")
            .foreign("env");
    static final Key<Set<String>> REQUIRED_ENVIRONMENT = Key.of(
            "required_environment",
            AppTypes.VARIABLE_NAMES,
            "Variables that must be set and not empty when it starts.");
    static final Key<Set<String>> MASK =
            Key.of("mask", AppTypes.VARIABLE_NAMES, "Variables whose values are never shown.");
    static final Key<List<String>> DEPENDS_ON =
            Key.of("depends_on", AppTypes.DEPENDS_ON, "Apps and externals that must be ready before it starts.");
    static final Key<RestartWord> RESTART = Key.of(
                    "restart", RestartWord.TYPE, "Whether an exit is answered by a new start.")
            .standard("always")
            .foreign("autorestart", "restart_policy");
    static final Key<Set<Integer>> SUCCESS_CODES = Key.of(
                    "success_codes",
                    new Each<>(new Many<>(new Whole(0, 255), true, 1)),
                    "Exit codes that are no failure.")
            .standard("0")
            .foreign("exitcodes", "stop_exit_codes");

    static final Key<Duration> FIRST = Key.of(
                    "first", Durations.type(MILLI, Duration.ofHours(1)), "Pause before the second restart in a row.")
            .standard("100ms");
    static final Key<Duration> MAX = Key.of(
                    "max", Durations.type(MILLI, Duration.ofDays(1)), "Longest pause between two restarts.")
            .standard("30s");
    static final Key<Duration> RESET_AFTER = Key.of(
                    "reset_after",
                    Durations.type(MILLI, Duration.ofDays(7)),
                    "Time without a crash after which the next one counts as the first.")
            .standard("60s");
    static final Key<Integer> MAX_ATTEMPTS = Key.of(
                    "max_attempts", new Whole(0, 1_000_000), "Restarts in a row after which it stays down; 0: never.")
            .standard("0");
    static final Section BACKOFF_SECTION = new Section("backoff", true, FIRST, MAX, RESET_AFTER, MAX_ATTEMPTS);
    static final Key<Values> BACKOFF = Key.of("backoff", BACKOFF_SECTION, "How fast it is started again.")
            .foreign("exp_backoff_restart_delay", "restart_delay", "startretries");

    static final Key<Integer> STOP_SIGNAL = Key.of("stop_signal", Signals.type(), "The signal that asks it to end.")
            .standard("SIGTERM")
            .foreign("stopsignal", "kill_signal");
    static final Key<String> STOP_SIGNAL_TO = Key.of(
                    "stop_signal_to",
                    Word.of("program", "tree"),
                    "Who gets it: the program below npm, npx and sh wrappers, or every process.")
            .standard("program");
    static final Key<Duration> STOP_GRACE_PERIOD = Key.of(
                    "stop_grace_period",
                    Durations.type(Duration.ZERO, Duration.ofDays(1)),
                    "Time until everything left is killed.")
            .standard("30s")
            .foreign("kill_timeout", "stopwaitsecs", "stop_timeout");
    static final Key<String> REPLACE = Key.of(
            "replace",
            Word.of("start-first", "stop-first"),
            "Whether a replacement starts beside the old run or after it; start-first for apps whose sockets Bulkhead opens.");
    static final Key<Boolean> AUTOSTART = Key.of("autostart", new Flag(), "Whether it starts with the daemon.")
            .standard("true");
    static final Key<Integer> PRIORITY = Key.of(
                    "priority", new Whole(0, 10_000), "Higher is more important: started first, shed last.")
            .standard("100");
    static final Key<Values> SCHEDULE = Key.of(
                    "schedule", Schedules.SECTION, "Times at which it is restarted, or started once.")
            .foreign("cron", "cron_restart");
    static final Key<Duration> MAX_AGE =
            Key.of("max_age", Durations.type(Duration.ofSeconds(1), YEAR), "Age at which it is replaced, jittered.");
    static final Key<Values> LOG =
            Key.of("log", LogKeys.SECTION, "How its output is kept.").foreign("logging", "logs");

    static final Section SECTION = new Section(
                    "an app",
                    false,
                    COMMAND,
                    WORKING_DIR,
                    USER,
                    GROUP,
                    UMASK,
                    INSTANCES,
                    ListenKeys.LISTEN,
                    MemoryKeys.MEMORY,
                    MemoryKeys.SWAP,
                    MemoryKeys.MIN,
                    MemoryKeys.POOL,
                    MemoryKeys.DRAIN,
                    MemoryKeys.BUFFER,
                    MemoryKeys.OOM_KILL,
                    CPU,
                    PIDS,
                    NOFILE,
                    OOM_PRIORITY,
                    ENV_FILE,
                    ENVIRONMENT,
                    REQUIRED_ENVIRONMENT,
                    MASK,
                    DEPENDS_ON,
                    HealthKeys.HEALTHCHECK,
                    HealthKeys.ON_UNHEALTHY,
                    ReadyKeys.READY,
                    RESTART,
                    SUCCESS_CODES,
                    BACKOFF,
                    STOP_SIGNAL,
                    STOP_SIGNAL_TO,
                    STOP_GRACE_PERIOD,
                    REPLACE,
                    AUTOSTART,
                    PRIORITY,
                    SCHEDULE,
                    MAX_AGE,
                    LaterKeys.WATCH,
                    HookKeys.HOOKS,
                    HookKeys.TIMEOUT,
                    NodeKeys.NODE,
                    ExternalKeys.CONNECTIONS,
                    LaterKeys.QUEUE,
                    LOG,
                    CheckKeys.CHECKS,
                    ReleaseKeys.RELEASE)
            .misplaced("tunnel", "a tunnel is no app: write it under tunnels: NAME:");

    /** In the stored app that runs a tunnel, and nowhere else. */
    static final Key<Values> TUNNEL = Key.of("tunnel", TunnelKeys.SECTION, "What it forwards.");

    /** What a stored app may say. */
    static final Section STORED = SECTION.and("a stored app", TUNNEL);

    private AppKeys() {}
}
