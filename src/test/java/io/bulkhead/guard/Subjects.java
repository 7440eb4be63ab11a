package io.bulkhead.guard;

import io.bulkhead.linux.Identity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.ProblemText;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Apps to look at, from the text of a configuration. */
public final class Subjects {

    private Subjects() {}

    /** The app {@code name} of these lines, in {@code folder}. */
    public static Subject of(Path folder, String name, String... lines) {
        return in(
                folder,
                "apps:\n  " + name + ":\n    " + String.join("\n", lines).replace("\n", "\n    ") + "\n",
                name,
                Optional.empty());
    }

    /** The same, as it would run as {@code identity}. */
    public static Subject as(Identity identity, Path folder, String... lines) {
        return in(
                folder,
                "apps:\n  a:\n    " + String.join("\n", lines).replace("\n", "\n    ") + "\n",
                "a",
                Optional.of(identity));
    }

    /** The app {@code name} of a whole configuration. */
    public static Subject in(Path folder, String text, String name, Optional<Identity> identity) {
        try {
            Path file = Files.writeString(folder.resolve("bulkhead.yaml"), text);
            SpecReader.Reading reading =
                    SpecReader.read(file, Optional.empty(), new Host(Map.of(), 4L << 30, 2, true, ZoneOffset.UTC));
            Spec spec = reading.spec().orElseThrow(() -> new AssertionError(ProblemText.plain(reading.problems())));
            AppSpec app = spec.apps().get(name);
            List<String> argv = app.command().argv();
            Map<String, String> environment = new HashMap<>(app.environment());
            environment.put("PATH", "/usr/bin:/bin");
            return new Subject(
                    spec,
                    app,
                    Path.of("/bin").resolve(argv.getFirst()),
                    argv,
                    environment,
                    identity,
                    Set.of(),
                    Map.of());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}
