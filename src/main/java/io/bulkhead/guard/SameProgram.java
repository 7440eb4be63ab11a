package io.bulkhead.guard;

import io.bulkhead.linux.Proc;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells which processes run what an app would run: the same script in Node, else the same program file with the same arguments, never by a name. */
final class SameProgram {

    private final Optional<Path> script;
    private final Optional<Path> program;
    private final Optional<Path> home;
    private final List<String> arguments;

    /** @param script the real path of the file that node would run */
    SameProgram(Subject subject, Optional<Path> script) {
        this.script = script;
        this.home = OtherManagerCheck.real(subject.app().workingDir());
        this.program = OtherManagerCheck.real(subject.program());
        this.arguments = told(
                subject.argv().subList(1, subject.argv().size()), subject.app().workingDir());
    }

    boolean is(int pid) {
        Optional<Path> executable = Proc.HOST.executable(pid);
        Optional<Path> folder = executable.flatMap(known -> Proc.HOST.workingFolder(pid));
        if (folder.isEmpty()) {
            return false;
        }
        List<String> command = Proc.HOST.commandLine(pid);
        if (script.isPresent()) {
            return NodeCommand.isNode(String.valueOf(executable.get().getFileName()))
                    && (scriptOf(command, folder.get()).equals(script)
                            || managed(pid).equals(script));
        }
        return !command.isEmpty() && runs(executable.get(), command, folder.get());
    }

    private static Optional<Path> scriptOf(List<String> command, Path folder) {
        if (command.isEmpty() || !NodeCommand.isNode(nameOf(command.getFirst()))) {
            return Optional.empty();
        }
        return NodeScript.in(command, name -> Optional.empty())
                .flatMap(word -> file(folder, word))
                .flatMap(NodeApp::found)
                .flatMap(OtherManagerCheck::real);
    }

    /** PM2 runs a file of its own, which loads this one. */
    private static Optional<Path> managed(int pid) {
        return Proc.HOST.environment(pid, "pm_exec_path").map(Path::of).flatMap(OtherManagerCheck::real);
    }

    private boolean runs(Path executable, List<String> command, Path folder) {
        List<String> words = told(command, folder);
        boolean direct = OtherManagerCheck.real(executable).equals(program)
                && words.subList(1, words.size()).equals(arguments);
        // Of a script the kernel makes its interpreter with the script's path (execve(2)).
        boolean script = words.size() == arguments.size() + 2
                && program.map(Path::toString).equals(Optional.of(words.get(1)))
                && words.subList(2, words.size()).equals(arguments);
        return direct && sameFolder(words, folder) || script;
    }

    /** A file among the arguments says which copy it is; without one the folder does. */
    private boolean sameFolder(List<String> words, Path folder) {
        boolean named =
                words.stream().skip(1).anyMatch(word -> word.startsWith("/") && Files.isRegularFile(Path.of(word)));
        return named || OtherManagerCheck.real(folder).equals(home);
    }

    /** Words that name a file stand for the file, however they are written. */
    private static List<String> told(List<String> words, Path folder) {
        List<String> told = new ArrayList<>();
        for (String word : words) {
            told.add(
                    word.startsWith("-")
                            ? word
                            : file(folder, word)
                                    .filter(Files::isRegularFile)
                                    .flatMap(OtherManagerCheck::real)
                                    .map(Path::toString)
                                    .orElse(word));
        }
        return told;
    }

    private static Optional<Path> file(Path folder, String word) {
        try {
            return word.isEmpty() ? Optional.empty() : Optional.of(folder.resolve(word));
        } catch (InvalidPathException noPath) {
            return Optional.empty();
        }
    }

    private static String nameOf(String word) {
        return word.substring(word.lastIndexOf('/') + 1);
    }
}
