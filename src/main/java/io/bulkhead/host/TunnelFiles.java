package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.linux.ProgramOutput;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.TunnelSpec;
import io.bulkhead.spec.TunnelSpec.Via;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What Bulkhead keeps for its tunnels, in {@code tunnels} of the state folder: the host keys that somebody has trusted, and a key of its own for each tunnel
 * that names none. All of it is the daemon's user's alone.
 */
final class TunnelFiles {

    private static final int KEYGEN_MILLIS = 10_000;
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private final Path folder;

    /** @param state the home's state folder */
    TunnelFiles(Path state) {
        this.folder = state.resolve("tunnels");
    }

    /** Of {@code ssh -o UserKnownHostsFile}; need not exist. */
    Path knownHosts() {
        return folder.resolve("known_hosts");
    }

    /** The private key of a tunnel, whether it exists or not. */
    Path key(String name, TunnelSpec tunnel) {
        return tunnel.key().orElse(folder.resolve("keys").resolve(name));
    }

    /** The command of {@code app}, a tunnel, here and now; refused with what is missing that ssh would only fail for, again and again. */
    AppSpec.Command command(AppSpec app, TunnelSpec tunnel) throws LaunchRefused {
        Path key = key(app.name(), tunnel);
        Optional<Refusal> wrong = wrongKey(app.name(), tunnel, key);
        if (wrong.isPresent()) {
            throw new LaunchRefused(wrong.get());
        }
        if (!knows(tunnel.via())) {
            throw new LaunchRefused(new Refusal(
                    "host-key",
                    "host-key: the host key of " + tunnel.via().text() + " is not trusted yet: bulkhead tunnel trust "
                            + app.name(),
                    ""));
        }
        return TunnelSpec.with(app.command(), key, knownHosts());
    }

    private static Optional<Refusal> wrongKey(String name, TunnelSpec tunnel, Path key) {
        try {
            PosixFileAttributes file = Files.readAttributes(key, PosixFileAttributes.class);
            Set<PosixFilePermission> open = file.permissions();
            String mode = PosixFilePermissions.toString(open);
            if (!file.isRegularFile()) {
                return refusal("key: " + key + " is no file", "write the file of a private key");
            }
            if (open.stream().anyMatch(OTHERS::contains)) {
                return refusal(
                        "key: " + key + " is not its owner's alone (mode " + mode + "): ssh refuses such a key",
                        "chmod 600 " + key);
            }
            if (!Files.isReadable(key)) {
                return refusal(
                        "key: " + key + " cannot be read: it is " + file.owner().getName() + "'s, mode " + mode,
                        "chown it to the daemon's user");
            }
            return Optional.empty();
        } catch (NoSuchFileException missing) {
            return refusal(
                    "key: " + key + " does not exist",
                    tunnel.key().isPresent()
                            ? "name another, or make it: bulkhead tunnel key " + name
                            : "make it, and get the line for the server: bulkhead tunnel key " + name);
        } catch (IOException denied) {
            return refusal("key: " + key + " cannot be looked at: " + denied.getMessage(), "");
        }
    }

    private static Optional<Refusal> refusal(String message, String hint) {
        // In one sentence, as the reason of whoever depends on the tunnel shows no hint.
        return Optional.of(new Refusal("key", message + (hint.isEmpty() ? "" : ": " + hint), ""));
    }

    /** Whether somebody has trusted a host key of {@code via}. */
    boolean knows(Via via) {
        return lines().stream().anyMatch(line -> isOf(line, via));
    }

    private static boolean isOf(String line, Via via) {
        return line.startsWith(via.knownAs() + " ");
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(knownHosts());
        } catch (IOException none) {
            return List.of();
        }
    }

    /** Trusts {@code key} alone of {@code via} from now on. */
    synchronized void trust(Via via, HostKey key) throws IOException {
        List<String> all = new ArrayList<>(lines());
        all.removeIf(line -> isOf(line, via));
        all.add(via.knownAs() + " " + key.type() + " " + key.blob());
        make(folder);
        Path next = folder.resolve("known_hosts.new");
        Files.deleteIfExists(next);
        Files.createFile(next, mode("rw-------"));
        Files.writeString(next, String.join("\n", all) + "\n");
        Files.move(next, knownHosts(), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * A tunnel's key, which exists afterwards.
     *
     * @param file of the private key
     * @param made whether it did not exist before
     * @param words of the public key: type, key, comment
     */
    record Key(Path file, boolean made, String words) {

        /** What stands in the server's authorized_keys: it lets the tunnel through to its target and nothing else. */
        String authorized(TunnelSpec tunnel) {
            // Without command= a "restricted" key still runs any command that it is asked for (measured with OpenSSH
            // 9.2).
            return "restrict,port-forwarding,permitopen=\"" + tunnel.forward().target()
                    + "\",command=\"/usr/sbin/nologin\" " + words;
        }
    }

    /** Makes the key of a tunnel where it has none. May take a second. @throws IOException in words for people */
    synchronized Key makeKey(String name, TunnelSpec tunnel) throws IOException {
        Path file = key(name, tunnel);
        boolean made = !Files.exists(file);
        if (made) {
            Path parent = file.getParent();
            if (tunnel.key().isEmpty()) {
                make(folder);
                make(folder.resolve("keys"));
            } else if (parent != null && !Files.isDirectory(parent)) {
                throw new IOException("there is no folder " + parent);
            }
            List<String> arguments =
                    List.of("-q", "-t", "ed25519", "-N", "", "-C", "bulkhead-" + name, "-f", file.toString());
            if (ProgramOutput.of(KEYGEN, arguments, Optional.empty(), KEYGEN_MILLIS)
                    .isEmpty()) {
                throw new IOException("ssh-keygen could not make " + file + " (is openssh-client there?)");
            }
        }
        Path words = Path.of(file + ".pub");
        if (!Files.exists(words)) {
            throw new IOException(
                    words + " is missing: ssh-keygen -y -f " + file + " > " + words + " makes it from the key");
        }
        return new Key(
                file, made, Files.readString(words, StandardCharsets.UTF_8).strip());
    }

    private static final Path KEYGEN = Path.of("/usr/bin/ssh-keygen");

    private static void make(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, mode("rwx------"));
        }
    }

    private static java.nio.file.attribute.FileAttribute<Set<PosixFilePermission>> mode(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }
}
