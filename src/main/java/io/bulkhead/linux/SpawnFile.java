package io.bulkhead.linux;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a copy of the keeper does to become the program: shell text that it reads. Only the last line runs something
 * that is not the shell: {@code setsid} (own session), {@code setpriv} (another user), {@code env} (signal dispositions,
 * names a shell cannot export), then the program, all in one process.
 *
 * @param program absolute path
 * @param arguments without the program's name
 * @param workingDir absolute
 * @param environment all of it; names without {@code =} and not empty, no NUL anywhere
 * @param umask 0 to 0777
 * @param nofile RLIMIT_NOFILE, soft and hard; lowered to what is allowed, with a warning
 * @param nproc RLIMIT_NPROC likewise
 * @param oomScoreAdj /proc/PID/oom_score_adj, -1000 to 1000; empty: the daemon's own, but not below 0
 * @param identity empty: the keeper's own user
 * @param sockets names of the keeper's sockets, which the program is told of as systemd tells it (sd_listen_fds(3)); without {@code :}
 */
public record SpawnFile(
        Path program,
        List<String> arguments,
        Path workingDir,
        Map<String, String> environment,
        int umask,
        OptionalInt nofile,
        OptionalInt nproc,
        OptionalInt oomScoreAdj,
        Optional<Identity> identity,
        List<String> sockets) {

    /** Its name in the compartment's folder. */
    public static final String NAME = "spawn";

    /**
     * A spare's words come on 0, of whose pipe it never holds the daemon's end: the opening on 7 only keeps that on 0 from waiting for it. Its last answer
     * goes to 7; warnings and failures before that, to 8, were or will be told by a start. Not before this file is open: where no digit
     * is free, dash opens it above them and forgets to close it at exec (0.5.12).
     */
    private static final String FOR_SPARE = "[ $# = 0 ] || exec 7<>\"${0%/*}/go\" 0<\"${0%/*}/go\" 7>&8 8>/dev/null\n";

    /** Names that mean something to a shell itself (read-only, or changed by it): they travel as arguments of env(1). */
    private static final Set<String> SHELL_OWN = Set.of(
            "BASHOPTS",
            "BASHPID",
            "BASH_VERSINFO",
            "CDPATH",
            "COMP_WORDBREAKS",
            "DIRSTACK",
            "ENV",
            "EPOCHREALTIME",
            "EPOCHSECONDS",
            "EUID",
            "FUNCNAME",
            "GROUPS",
            "HISTCMD",
            "HISTSIZE",
            "IFS",
            "LINENO",
            "MAIL",
            "MAILCHECK",
            "MAILPATH",
            "OLDPWD",
            "OPTARG",
            "OPTERR",
            "OPTIND",
            "PIPESTATUS",
            "POSIXLY_CORRECT",
            "PPID",
            "PS1",
            "PS2",
            "PS4",
            "PWD",
            "RANDOM",
            "SECONDS",
            "SHELLOPTS",
            "SHLVL",
            "SRANDOM",
            "TERM",
            "UID",
            "_");

    /** The same with other arguments. */
    public SpawnFile withArguments(List<String> other) {
        return new SpawnFile(
                program, other, workingDir, environment, umask, nofile, nproc, oomScoreAdj, identity, sockets);
    }

    /** The same with sockets of these names. */
    public SpawnFile withSockets(List<String> names) {
        return new SpawnFile(
                program, arguments, workingDir, environment, umask, nofile, nproc, oomScoreAdj, identity, names);
    }

    /** What glibc itself ignores in programs with more rights than their caller (sysdeps/generic/unsecvars.h), with LD_ and MALLOC_. */
    private static final Set<String> STEER_LIBC = Set.of(
            "GCONV_PATH",
            "GETCONF_DIR",
            "GLIBC_TUNABLES",
            "HOSTALIASES",
            "LOCALDOMAIN",
            "LOCPATH",
            "NIS_PATH",
            "NLSPATH",
            "RESOLV_HOST_CONF",
            "RES_OPTIONS",
            "TMPDIR",
            "TZDIR");

    /** Writes it, readable by its owner alone, in one step. */
    void write(Path path) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        var options = EnumSet.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (OutputStream out = Channels.newOutputStream(Files.newByteChannel(fresh, options, ownerOnly))) {
            out.write(text(Tools.FOUND).getBytes(StandardCharsets.UTF_8));
        }
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    }

    String text(Tools tools) {
        StringBuilder text = new StringBuilder(4096);
        text.append(FOR_SPARE);
        appendOomScore(text);
        nofile.ifPresent(limit -> appendLimit(text, "nofile", "n", limit));
        nproc.ifPresent(limit -> appendLimit(text, "nproc", "u", limit));
        text.append("umask 0").append(Integer.toOctalString(umask)).append('\n');
        text.append("cd ").append(quote(workingDir.toString())).append(" 2>/dev/null || { ");
        text.append(say("failed working_dir working_dir " + workingDir + ": cannot be entered"));
        text.append("; exit ").append(Keeper.FAILED_STEP_CODE).append("; }\n");
        // A spare, whose first words stand in $@, enters it again when it begins: the path may lead elsewhere by then.
        text.append("[ $# = 0 ] || set -- \"$@\" ")
                .append(quote(workingDir.toString()))
                .append('\n');
        text.append("unset PWD OLDPWD SHLVL\n");
        StringBuilder assignments = new StringBuilder();
        new TreeMap<>(environment).forEach((name, value) -> {
            if (shellCarries(name) && !(identity.isPresent() && steersLoader(name))) {
                text.append("export ")
                        .append(name)
                        .append('=')
                        .append(quote(value))
                        .append('\n');
            } else {
                assignments.append(' ').append(quote(name + "=" + value));
            }
        });
        appendSockets(text);
        appendExec(text, tools, assignments.toString());
        return text.toString();
    }

    /** $$ is the keeper's number in a copy of it; what is read is this process's own, which all that follows keeps. */
    private void appendSockets(StringBuilder text) {
        if (sockets.isEmpty()) {
            return;
        }
        text.append("read -r LISTEN_PID BULKHEAD_WORD </proc/self/stat; unset BULKHEAD_WORD\n");
        text.append("export LISTEN_PID LISTEN_FDS=").append(sockets.size());
        text.append(" LISTEN_FDNAMES=").append(quote(String.join(":", sockets))).append('\n');
    }

    /** What protects the daemon from the kernel's choice of a victim is not meant for the programs. */
    private void appendOomScore(StringBuilder text) {
        String file = "/proc/self/oom_score_adj";
        if (oomScoreAdj.isEmpty()) {
            text.append("{ read -r own <")
                    .append(file)
                    .append("; case $own in -*) echo 0 >")
                    .append(file);
            text.append(" ;; esac; } 2>/dev/null\n");
            return;
        }
        int wanted = oomScoreAdj.getAsInt();
        text.append("{ echo ").append(wanted).append(" >").append(file).append("; } 2>/dev/null || ");
        text.append(say(
                "warned oom_priority oom_priority " + wanted + ": the kernel does not allow it here, left as it is"));
        text.append('\n');
    }

    /** dash calls the limit of processes p, others u; raising a hard limit needs CAP_SYS_RESOURCE (setrlimit(2)). */
    private static void appendLimit(StringBuilder text, String step, String letter, int limit) {
        text.append("{ ulimit -").append(letter).append(' ').append(limit);
        if (letter.equals("u")) {
            text.append(" || ulimit -p ").append(limit);
        }
        text.append("; } 2>/dev/null || { allowed=$(ulimit -H").append(letter).append(" 2>/dev/null");
        if (letter.equals("u")) {
            text.append(" || ulimit -Hp");
        }
        text.append("); ulimit -S").append(letter).append(" \"$allowed\" 2>/dev/null");
        if (letter.equals("u")) {
            text.append(" || ulimit -Sp \"$allowed\"");
        }
        text.append("; printf '%s\\n' \"warned ")
                .append(step)
                .append(' ')
                .append(step)
                .append(' ')
                .append(limit);
        text.append(": this host allows $allowed, used that\" >&8; }\n");
    }

    private void appendExec(StringBuilder text, Tools tools, String assignments) {
        text.append("exec ").append(quote(tools.setsid().toString()));
        identity.ifPresent(who -> {
            List<String> become = new ArrayList<>();
            SetPriv.become(become, tools, who);
            become.forEach(word -> text.append(' ').append(quote(word)));
        });
        if (tools.envResetsSignals() || !assignments.isEmpty()) {
            text.append(' ').append(quote(tools.env().toString()));
        }
        if (tools.envResetsSignals()) {
            // A shell starts background jobs with these two ignored (POSIX) and cannot take that back.
            text.append(" --default-signal=INT,QUIT");
        }
        text.append(assignments).append(" \"$@\"");
        if (program.toString().contains("=")) {
            // env(1) would take it for an assignment; nice(1) just goes on to it.
            text.append(' ')
                    .append(quote(tools.env().resolveSibling("nice").toString()))
                    .append(" -n 0");
        }
        text.append(' ').append(quote(program.toString()));
        for (String argument : arguments) {
            text.append(' ').append(quote(argument));
        }
        text.append(" 8>&-\n");
    }

    /**
     * Whether a {@link Keeper#prepareSpare spare} can be made of it: not where the environment holds what only env(1) can pass on, or
     * what would load a library into the shell that waits.
     */
    public boolean fitsSpare() {
        for (String name : environment.keySet()) {
            if (!shellCarries(name) || steersLoader(name)) {
                return false;
            }
        }
        return true;
    }

    private static boolean shellCarries(String name) {
        return isIdentifier(name) && !SHELL_OWN.contains(name);
    }

    /** An answer on descriptor 8, on one line. */
    private static String say(String answer) {
        return "printf '%s\\n' " + quote(answer.replaceAll("\\p{Cntrl}", "?")) + " >&8";
    }

    /** One shell word that is exactly {@code text}: inside single quotes nothing but the single quote is special. */
    static String quote(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL character cannot be passed to a program");
        }
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /**
     * Whether the C library obeys it before main(). As exported variables these would reach setpriv while it is still root, and an
     * env_file may belong to the app's user: such names are given by env(1), after the switch of user.
     */
    private static boolean steersLoader(String name) {
        return name.startsWith("LD_") || name.startsWith("MALLOC_") || STEER_LIBC.contains(name);
    }

    private static boolean isIdentifier(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (!letter && (i == 0 || c < '0' || c > '9')) {
                return false;
            }
        }
        return !name.isEmpty();
    }
}
