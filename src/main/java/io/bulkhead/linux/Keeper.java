package io.bulkhead.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tiny parent of the programs of one compartment: a shell with the script {@code keeper.sh}, reached over two named pipes in
 * the compartment's folder, so that a later daemon can {@link #reopen} it. One program at a time: a shell that reaps one
 * child may reap another on the way. It and its programs hold the app's listening sockets, so that connections wait while no program lives.
 *
 * <p>Owned by one thread. Nothing here waits: words are written, answers are collected when {@link #answersFd} is readable.
 */
public final class Keeper implements AutoCloseable {

    /** What the keeper says. Words to it are answered in order, but a failed start may be told before or after Started. */
    public sealed interface Answer {

        /** It runs, and is in its compartment unless a {@link Failed} came before. */
        record Ready(int pid) implements Answer {}

        /** The program's process exists; it may not have reached the program's first instruction. */
        record Started(int pid) implements Answer {}

        /** A spare's process exists: see {@link Keeper#prepareSpare}. */
        record Spare(int pid) implements Answer {}

        /** A process that has done its work and is to be buried: see {@link Keeper#startNext}. */
        record Forked(int pid) implements Answer {}

        /** The program is buried. {@code status} is the shell's figure: see {@link ExitStatus#fromShell}. */
        record Reaped(int pid, int status) implements Answer {}

        /** A step before the program failed; the process that tried it ends with code 125. */
        record Failed(String step, String message) implements Answer {}

        /** A step could not be done as asked and the start went on. */
        record Warned(String step, String message) implements Answer {}

        /** Not in the keeper's language. */
        record Strange(String line) implements Answer {}
    }

    /** The code of a process whose start failed at a step that was told in {@link Answer.Failed}. */
    public static final int FAILED_STEP_CODE = 125;

    private static final String CONTROL = "control";
    private static final String ANSWERS = "answers";
    private static final String SCRIPT = "keeper.sh";
    private static final String GO = "go";
    private static final String NEXT = "next";
    private static final String SPARE_NAME = "bulkhead-spare";
    private static final int CONTROL_FD = 7;
    private static final int ANSWERS_FD = 8;
    private static final int LOCK_FD = 9;

    /** A program finds the first of its sockets here, as under systemd (sd_listen_fds(3)). */
    public static final int FIRST_SOCKET = 3;

    /** A POSIX shell names descriptors by one digit. */
    public static final int MOST_SOCKETS = CONTROL_FD - FIRST_SOCKET;

    private final Path folder;
    private final Pidfd process;
    private final int control;
    private final KeeperAnswers answers;
    private final int go;
    private final boolean ours;
    private @Nullable SpawnFile written;

    private Keeper(Path folder, Pidfd process, int control, KeeperAnswers answers, int go, boolean ours) {
        this.folder = folder;
        this.process = process;
        this.control = control;
        this.answers = answers;
        this.go = go;
        this.ours = ours;
    }

    /**
     * Starts one in {@code folder}, which exists and belongs to this compartment alone.
     *
     * @param stdout opened for reading and writing; becomes the programs' descriptor 1
     * @param stderr likewise, descriptor 2
     * @param lock held by keeper and programs on descriptor 9; this process's own copy may be closed afterwards
     * @param sockets at most {@link #MOST_SOCKETS}, held by keeper and programs on {@link #FIRST_SOCKET} and what follows
     * @param joins {@code cgroup.procs} files that it writes itself into before it reads its first word
     */
    public static Keeper start(
            Path folder, Path stdout, Path stderr, FileLock lock, List<ListenSocket> sockets, List<Path> joins)
            throws IOException {
        return start(shell(), folder, stdout, stderr, lock, sockets, joins);
    }

    static Keeper start(
            Path shell,
            Path folder,
            Path stdout,
            Path stderr,
            FileLock lock,
            List<ListenSocket> sockets,
            List<Path> joins)
            throws IOException {
        if (sockets.size() > MOST_SOCKETS) {
            throw new IllegalArgumentException(sockets.size() + " sockets");
        }
        Path script = folder.resolve(SCRIPT);
        Files.write(script, script());
        renew(folder.resolve(CONTROL));
        renew(folder.resolve(ANSWERS));
        List<String> argv = new ArrayList<>(List.of(shell.toString(), script.toString()));
        joins.forEach(join -> argv.add(join.toString()));
        Spawn keeper = new Spawn(shell, argv, Map.of())
                .open(0, Path.of("/dev/null"), Spawn.READ_ONLY)
                .open(1, stdout, Spawn.READ_WRITE)
                .open(2, stderr, Spawn.READ_WRITE)
                .open(CONTROL_FD, folder.resolve(CONTROL), Spawn.READ_WRITE)
                .open(ANSWERS_FD, folder.resolve(ANSWERS), Spawn.READ_WRITE)
                .copy(lock.fd(), LOCK_FD);
        for (int i = 0; i < sockets.size(); i++) {
            keeper.copy(sockets.get(i).fd(), FIRST_SOCKET + i);
        }
        return reopen(folder, keeper.start());
    }

    /**
     * Takes over a keeper that an earlier daemon started. The caller has verified that {@code pid} is that process
     * ({@link ProcessIdentity}). Answers nobody has read yet are still there; a spare of that daemon ends.
     */
    public static Keeper reopen(Path folder, int pid) throws IOException {
        return reopen(folder, Pidfd.open(pid));
    }

    /** Stands for one that has ended before its program: nothing it is told is heard. */
    public static Keeper ofEnded(Path folder, int pid) throws IOException {
        return reopen(folder, Pidfd.ofEnded(pid));
    }

    private static Keeper reopen(Path folder, Pidfd process) throws IOException {
        List<Integer> opened = new ArrayList<>();
        try {
            opened.add(Fifo.open(folder.resolve(CONTROL)));
            opened.add(Fifo.open(folder.resolve(ANSWERS)));
            // A new pipe: at the other end of the old one there is nobody any more, which its spare cannot overlook.
            renew(folder.resolve(GO));
            opened.add(Fifo.open(folder.resolve(GO)));
            boolean ours = Arrays.equals(Files.readAllBytes(folder.resolve(SCRIPT)), script());
            KeeperAnswers answers = new KeeperAnswers(folder.resolve(ANSWERS), opened.get(1));
            return new Keeper(folder, process, opened.get(0), answers, opened.get(2), ours);
        } catch (IOException e) {
            opened.forEach(Fd::close);
            process.close();
            throw e;
        }
    }

    /** Whether this is the command line of a keeper, or of a child of it that is not a program yet. */
    public static boolean isKeeperOrSpare(List<String> command) {
        return command.contains(SPARE_NAME)
                || command.size() > 1 && command.get(1).endsWith("/" + SCRIPT);
    }

    /** Whether {@code pid} waits to become a program, and is not one yet. */
    public static boolean isSpare(Proc proc, int pid) {
        List<String> words = proc.commandLine(pid);
        return words.size() > 3 && words.get(1).equals("-c") && words.get(3).equals(SPARE_NAME);
    }

    /** Whether a process with this command line is a keeper of {@code app}, whose compartments' folders are named {@code app-…}. */
    public static boolean keeps(List<String> commandLine, String app) {
        if (commandLine.size() < 2 || !commandLine.get(1).endsWith("/" + SCRIPT)) {
            return false;
        }
        Path folder = Path.of(commandLine.get(1)).getParent();
        return folder != null && String.valueOf(folder.getFileName()).startsWith(app + "-");
    }

    public int pid() {
        return process.pid();
    }

    /** The keeper itself: readable when it has ended. */
    public Pidfd process() {
        return process;
    }

    /** For {@link Epoll#add}: readable when {@link #answers} has something to tell. */
    public int answersFd() {
        return answers.fd();
    }

    /**
     * Becomes {@code file}'s program: a {@link SpawnFile} written into this keeper's folder, where it differs from the one before.
     *
     * @param marks variables of this start alone, added to the program's environment: names of capital letters and {@code _}, values of
     *     letters, digits, {@code - . _}
     */
    public void startProgram(SpawnFile file, Map<String, String> marks) throws IOException {
        write(file);
        StringBuilder word = new StringBuilder("start ").append(SpawnFile.NAME);
        append(marks, word);
        say(word.toString());
    }

    /**
     * Whether it runs the script of this version. Another version's may not know every word, and has its descriptors elsewhere: it buries what it
     * started, and starts nothing more.
     */
    public boolean isOurs() {
        return ours;
    }

    /**
     * Makes a process that has gone all the way to {@code file}'s program but for the last step, and waits for {@link #become}. Answered by
     * {@link Answer.Spare}; whatever goes wrong with it is not told, it ends then. It also ends with this daemon.
     *
     * @param file one that {@link SpawnFile#fitsSpare}
     */
    public void prepareSpare(SpawnFile file) throws IOException {
        write(file);
        say("spare " + SpawnFile.NAME);
    }

    /** Lets spare {@code pid} become the program. Nothing is answered: its process was there before. */
    public void become(int pid, Map<String, String> marks) throws IOException {
        StringBuilder word = new StringBuilder().append(pid);
        append(marks, word);
        Fifo.write(
                go,
                "tell the spare of " + folder + " to begin",
                word.append('\n').toString());
    }

    /**
     * Starts another keeper in {@code folder}, as {@link #start} does, which inherits this one's sockets: for a daemon that may not take them from it
     * ({@link ListenSocket#takenFrom}). Waits until it runs; this one answers with {@link Answer.Forked}.
     *
     * @param lock a file that nobody has locked
     */
    public Keeper startNext(Path folder, Path stdout, Path stderr, Path lock, List<Path> joins) throws IOException {
        Files.write(folder.resolve(SCRIPT), script());
        renew(folder.resolve(CONTROL));
        renew(folder.resolve(ANSWERS));
        StringBuilder text = new StringBuilder("exec ");
        text.append(CONTROL_FD)
                .append("<>")
                .append(quoted(folder.resolve(CONTROL)))
                .append(' ');
        text.append(ANSWERS_FD)
                .append("<>")
                .append(quoted(folder.resolve(ANSWERS)))
                .append(' ');
        text.append("1<>").append(quoted(stdout)).append(" 2<>").append(quoted(stderr));
        text.append(' ').append(LOCK_FD).append("<>").append(quoted(lock)).append('\n');
        text.append("flock -n ")
                .append(LOCK_FD)
                .append(" || { echo failed lock >&")
                .append(ANSWERS_FD);
        text.append("; exit; }\nexec ").append(quoted(Tools.FOUND.setsid()));
        text.append(' ').append(quoted(shell())).append(' ').append(quoted(folder.resolve(SCRIPT)));
        joins.forEach(join -> text.append(' ').append(quoted(join)));
        Files.writeString(this.folder.resolve(NEXT), text.append('\n'));
        say("next " + NEXT);
        return reopen(folder, KeeperAnswers.first(folder.resolve(ANSWERS)));
    }

    private static String quoted(Path path) {
        return SpawnFile.quote(path.toString());
    }

    private void write(SpawnFile file) throws IOException {
        if (!file.equals(written)) {
            file.write(folder.resolve(SpawnFile.NAME));
            written = file;
        }
    }

    private static void append(Map<String, String> marks, StringBuilder word) {
        for (Map.Entry<String, String> mark : marks.entrySet()) {
            if (!isPlain(mark.getKey()) || !isPlain(mark.getValue())) {
                throw new IllegalArgumentException(mark + " cannot be told to a keeper");
            }
            word.append(' ').append(mark.getKey()).append('=').append(mark.getValue());
        }
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '-'
                    || c == '.'
                    || c == '_')) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Buries program {@code pid}, which has ended; before that its status is in its {@code /proc/PID/stat}. */
    public void reap(int pid) throws IOException {
        say("reap " + pid);
    }

    /** Ends the keeper. Programs it started live on. */
    public void quit() throws IOException {
        say("quit");
    }

    /** Everything it has said since the last call, oldest first; empty when nothing. Never waits. */
    public List<Answer> answers() throws IOException {
        return answers.read();
    }

    private void say(String word) throws IOException {
        Fifo.write(control, "tell the keeper of " + folder + " to " + word, word + "\n");
    }

    /** Words and answers of an earlier keeper that nobody read must not reach a new one. */
    private static void renew(Path fifo) throws IOException {
        Files.deleteIfExists(fifo);
        Fifo.create(fifo, 0600);
    }

    private static byte[] script() throws IOException {
        try (InputStream in = Objects.requireNonNull(Keeper.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            return in.readAllBytes();
        }
    }

    /** dash does not reap before it is told to, and starts in half a millisecond; any POSIX shell does the work. */
    static Path shell() {
        Path dash = Path.of("/bin/dash");
        return Files.isExecutable(dash) ? dash : Path.of("/bin/sh");
    }

    /** Lets go of the keeper, which lives on. */
    @Override
    public void close() {
        process.close();
        Fd.close(control);
        answers.close();
        Fd.close(go);
    }
}
