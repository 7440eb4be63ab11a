package io.bulkhead.api;

import java.nio.file.Path;

/** A fake daemon on a socket, to try commands by hand and to measure how fast they start: {@code FakeDaemon SOCKET}. */
final class FakeDaemon {

    private FakeDaemon() {}

    public static void main(String[] args) throws Exception {
        FakeControl control = new FakeControl();
        control.happen("started", "api", "api started");
        try (HttpServer server = HttpServer.start(Path.of(args[0]), new Routes(control), HttpLimits.DEFAULT)) {
            System.out.println("ready");
            while (System.in.read() >= 0) {
                control.coming.add("a line");
                control.happen("line", "api", "somebody typed");
            }
        }
    }
}
