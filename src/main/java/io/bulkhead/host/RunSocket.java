package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/**
 * The private socket that the preload serves in each Node process of a run: a line with a question, answered by one line of JSON. The
 * process is the app's, so nothing it says is believed beyond its bounds. Waits: for a thread of its own.
 */
final class RunSocket {

    /** Ten functions of a profile are 5 KiB at the most. */
    private static final int LONGEST_ANSWER = 16 << 10;

    private RunSocket() {}

    /**
     * Asks, and gives up after {@code millis}.
     *
     * @param folder belongs to the app's user alone; only that user's process is asked
     * @param question {@code heap}, {@code leak-profile}, {@code state}, {@code accept}, or {@code env} and a salt in hex
     * @return what it says; empty where nobody answers, in time and in so many words
     */
    static Optional<Doc> ask(Path folder, int pid, String question, long millis) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Patience patience = new Patience(millis, channel)) {
            channel.connect(UnixDomainSocketAddress.of(folder.resolve(Integer.toString(pid))));
            if (!channel.getOption(ExtendedSocketOptions.SO_PEERCRED)
                    .user()
                    .equals(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS))) {
                return Optional.empty();
            }
            channel.write(ByteBuffer.wrap((question + "\n").getBytes(StandardCharsets.US_ASCII)));
            return answer(channel);
        } catch (IOException | JsonException nobodyThere) {
            return Optional.empty();
        }
    }

    private static Optional<Doc> answer(SocketChannel channel) throws IOException, JsonException {
        ByteBuffer buffer = ByteBuffer.allocate(LONGEST_ANSWER);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                Doc answer = Doc.of(Json.read(Arrays.copyOf(buffer.array(), buffer.position())));
                return answer.has("error") ? Optional.empty() : Optional.of(answer);
            }
        }
        return Optional.empty();
    }
}
