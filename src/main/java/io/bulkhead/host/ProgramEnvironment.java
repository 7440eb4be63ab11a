package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.linux.CommandLookup;
import io.bulkhead.linux.ServiceNotice;
import io.bulkhead.linux.Users;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.EnvFile;
import io.bulkhead.spec.Listen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a program finds in its environment: a small fixed base, then its env files as they are on disk now, then what the
 * configuration sets, then Bulkhead's own names. Nothing of the shell of whoever started the daemon leaks in.
 */
final class ProgramEnvironment {

    private static final String SHELL = "/bin/sh";

    private ProgramEnvironment() {}

    /**
     * @param inherited the daemon's own environment where {@code server.inherit_environment} asks for it, else empty
     * @throws LaunchRefused when an env file cannot be read or a required variable is missing
     */
    static Map<String, String> of(AppSpec app, Users.User person, Map<String, String> inherited) throws LaunchRefused {
        Map<String, String> all = new LinkedHashMap<>(inherited);
        ServiceNotice.VARIABLES.forEach(all::remove);
        all.put("PATH", CommandLookup.DEFAULT_PATH);
        all.put("HOME", person.home().toString());
        all.put("USER", person.name());
        all.put("LOGNAME", person.name());
        all.put("SHELL", SHELL);
        all.putIfAbsent("LANG", "C.UTF-8");
        port(app).ifPresent(port -> all.put("PORT", port));
        all.putAll(ofFiles(app));
        all.putAll(app.environment());
        requireAll(app, all);
        return all;
    }

    /** The one TCP port that it serves; empty where it is none, or one of several. */
    private static Optional<String> port(AppSpec app) {
        Optional<String> only = Optional.empty();
        for (Listen address : app.listen()) {
            if (address.port() != 0) {
                if (only.isPresent()) {
                    return Optional.empty();
                }
                only = Optional.of(Integer.toString(address.port()));
            }
        }
        return only;
    }

    /**
     * What the app's env files bring, as they are on disk now.
     *
     * @throws LaunchRefused when one cannot be read
     */
    static Map<String, String> ofFiles(AppSpec app) throws LaunchRefused {
        Map<String, String> brought = new LinkedHashMap<>();
        for (Path file : app.envFiles()) {
            brought.putAll(read(file));
        }
        return brought;
    }

    private static Map<String, String> read(Path file) throws LaunchRefused {
        try {
            if (Files.size(file) > EnvFile.LARGEST) {
                throw refused(file + ": is larger than 1 MiB", "is it the right file?");
            }
            EnvFile parsed = EnvFile.parse(file.toString(), Files.readAllBytes(file));
            if (!parsed.problems().isEmpty()) {
                var first = parsed.problems().getFirst();
                throw refused(
                        first.file() + ":" + first.line() + ": " + first.message(),
                        first.hint().orElse("mend the line, then: bulkhead start"));
            }
            return parsed.variables();
        } catch (java.nio.file.NoSuchFileException missing) {
            throw refused(file + ": no such file", "create it, or take it out of env_file");
        } catch (java.nio.file.AccessDeniedException denied) {
            throw refused(file + ": permission denied", "let the daemon's user read it");
        } catch (IOException unreadable) {
            throw refused(file + ": " + unreadable.getMessage(), "");
        }
    }

    private static void requireAll(AppSpec app, Map<String, String> all) throws LaunchRefused {
        List<String> missing = new ArrayList<>();
        for (String name : app.requiredEnvironment()) {
            if (all.getOrDefault(name, "").isEmpty()) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw new LaunchRefused(new Refusal(
                    "required_environment",
                    "required_environment: " + String.join(", ", missing) + (missing.size() == 1 ? " is" : " are")
                            + " missing or empty",
                    app.envFiles().isEmpty()
                            ? "set " + (missing.size() == 1 ? "it" : "them") + " under environment"
                            : "set " + (missing.size() == 1 ? "it" : "them") + " in "
                                    + app.envFiles().getLast()));
        }
    }

    private static LaunchRefused refused(String message, String hint) {
        return new LaunchRefused(new Refusal("env_file", "env_file " + message, hint));
    }
}
