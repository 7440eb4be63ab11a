package io.bulkhead.guard;

import io.bulkhead.linux.CommandLookup;
import io.bulkhead.linux.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an app that runs PHP is made of.
 *
 * @param binary the very file that will run it
 * @param folder where its composer.json is
 */
record PhpApp(Path binary, Path folder) {

    private static final int MOST_FOLDERS = 8;

    /** Empty for an app that runs no PHP, and for one without a composer.json. */
    static Optional<PhpApp> of(Subject subject) {
        Optional<Path> binary = binary(subject);
        if (binary.isEmpty()) {
            return Optional.empty();
        }
        List<Path> starts = new ArrayList<>();
        Path workingDir = subject.app().workingDir();
        for (String word : subject.argv()) {
            if (!word.startsWith("-") && word.indexOf(' ') < 0 && Files.isRegularFile(workingDir.resolve(word))) {
                starts.add(workingDir.resolve(word).normalize().getParent());
            }
        }
        starts.add(workingDir);
        return starts.stream()
                .map(PhpApp::described)
                .flatMap(Optional::stream)
                .findFirst()
                .map(folder -> new PhpApp(binary.get(), folder));
    }

    /** Whether it is the process manager, which runs no file by itself. */
    boolean isFpm() {
        return String.valueOf(binary.getFileName()).startsWith("php-fpm");
    }

    private static Optional<Path> described(Path from) {
        Path folder = from;
        for (int i = 0; folder != null && i < MOST_FOLDERS; i++) {
            if (Files.isRegularFile(folder.resolve("composer.json"))) {
                return Optional.of(folder);
            }
            folder = folder.getParent();
        }
        return Optional.empty();
    }

    private static Optional<Path> binary(Subject subject) {
        Path program = subject.program();
        if (isPhp(String.valueOf(program.getFileName()))) {
            return Optional.of(program);
        }
        List<String> words = new ArrayList<>();
        if (NodeCommand.LAUNCHERS.contains(String.valueOf(program.getFileName()))) {
            subject.argv()
                    .forEach(argument -> words.addAll(List.of(argument.strip().split("[\\s;&|]+"))));
        } else {
            CommandLookup.shebang(program).ifPresent(words::addAll);
        }
        for (String word : words) {
            if (isPhp(word.substring(word.lastIndexOf('/') + 1))) {
                try {
                    Path home = Path.of(subject.environment().getOrDefault("HOME", "/"));
                    return Optional.of(new CommandLookup(subject.identity(), home)
                            .find(word, subject.app().workingDir(), subject.environment()));
                } catch (RefusedException notThere) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** php, php8.2, php-fpm, php-fpm8.2, php-fpm7. */
    private static boolean isPhp(String name) {
        if (!name.startsWith("php")) {
            return false;
        }
        String rest = name.substring(name.startsWith("php-fpm") ? "php-fpm".length() : "php".length());
        return rest.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.' || c == '-');
    }
}
