package io.bulkhead.host;

import io.bulkhead.linux.ProgramOutput;
import io.bulkhead.spec.TunnelSpec.Via;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The key by which an ssh server is known again.
 *
 * @param type such as {@code ssh-ed25519}
 * @param blob in base64
 */
record HostKey(String type, String blob) {

    private static final Path KEYSCAN = Path.of("/usr/bin/ssh-keyscan");
    private static final int SECONDS = 5;
    private static final int MILLIS = 12_000;

    /** The best that a server has comes first. */
    private static final List<String> TYPES = List.of("ed25519", "ecdsa", "rsa");

    /** Asks {@code via} for it, which may take seconds; empty when it does not answer. Whoever is asked may be anybody: a person must compare the fingerprint. */
    static Optional<HostKey> ask(Via via) {
        for (String type : TYPES) {
            List<String> arguments = List.of(
                    "-T", Integer.toString(SECONDS), "-t", type, "-p", Integer.toString(via.port()), "--", via.host());
            Optional<String> answer = ProgramOutput.of(KEYSCAN, arguments, Optional.empty(), MILLIS);
            for (String line : answer.orElse("").split("\n")) {
                String[] words = line.strip().split(" ");
                if (!line.startsWith("#") && words.length == 3) {
                    return Optional.of(new HostKey(words[1], words[2]));
                }
            }
            if (answer.isEmpty()) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** As ssh-keygen -l prints it: {@code SHA256:…}. */
    String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(Base64.getDecoder().decode(blob));
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
