package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Laravel's cached configuration, older than what it was made from: it then reads neither {@code .env} nor {@code config/}. */
final class ConfigCacheCheck implements Check {

    @Override
    public String name() {
        return "config-cache";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Optional<PhpApp> found =
                PhpApp.of(subject).filter(app -> Files.exists(app.folder().resolve("artisan")));
        if (found.isEmpty()) {
            return List.of();
        }
        Path folder = found.get().folder();
        Path cache = folder.resolve("bootstrap/cache/config.php");
        if (!Files.isRegularFile(cache)) {
            return List.of();
        }
        FileTime made = Files.getLastModifiedTime(cache);
        List<String> newer = new ArrayList<>();
        for (Path source : sources(folder)) {
            FileTime written = Files.getLastModifiedTime(source);
            if (written.compareTo(made) > 0) {
                newer.add(folder.relativize(source) + ": " + written);
            }
        }
        return newer.isEmpty()
                ? List.of()
                : List.of(subject.warning(
                        this,
                        "Laravel's configuration is cached, and older than what it was made from: the changes since then are not seen",
                        "cd " + folder + " && php artisan config:cache",
                        Many.some(
                                List.of(folder.relativize(cache) + ": " + made, String.join("; ", Many.some(newer))))));
    }

    private static List<Path> sources(Path folder) throws IOException {
        List<Path> sources = new ArrayList<>();
        if (Files.isRegularFile(folder.resolve(".env"))) {
            sources.add(folder.resolve(".env"));
        }
        if (Files.isDirectory(folder.resolve("config"))) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve("config"), "*.php")) {
                files.forEach(sources::add);
            }
        }
        return sources;
    }
}
