package io.bulkhead.host;

import io.bulkhead.spec.LogSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * How fast one app's output gets into its log: 1 GiB of 100-byte lines in 64 KiB writes, next to {@code cat fifo > file}. Not a test:
 * {@code java -cp ... io.bulkhead.host.LogBench FOLDER}. Needs cc for the writer.
 */
final class LogBench {

    private static final String WRITER = """
            #include <string.h>
            #include <unistd.h>
            static char block[65536 / 100 * 100 + 100];
            int main(void) {
                memset(block, 'x', sizeof block);
                for (size_t i = 99; i < sizeof block; i += 100) block[i] = '\\n';
                size_t left = 1UL << 30;
                while (left > 0) {
                    size_t part = left < 65500 ? left : 65500;
                    ssize_t n = write(1, block, part);
                    if (n <= 0) return 1;
                    left -= n;
                }
                return 0;
            }
            """;

    private LogBench() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Path writer = folder.resolve("writer");
        Files.writeString(folder.resolve("writer.c"), WRITER);
        run("cc", "-O2", "-o", writer.toString(), folder.resolve("writer.c").toString());
        for (int round = 1; round <= 3; round++) {
            cat(folder, writer);
            pump(folder, writer, "no rotation", new LogSpec(1L << 40, 10, false, false, false, Optional.empty()));
            pump(folder, writer, "50M x 10", new LogSpec(50L << 20, 10, false, false, false, Optional.empty()));
            pump(folder, writer, "50M x 10 gzip", new LogSpec(50L << 20, 10, true, false, false, Optional.empty()));
            pump(folder, writer, "stamped", new LogSpec(1L << 40, 10, false, true, false, Optional.empty()));
        }
    }

    private static void cat(Path folder, Path writer) throws Exception {
        Path fifo = fifo(folder);
        try (RandomAccessFile keeper = new RandomAccessFile(fifo.toFile(), "rw")) {
            Process cat =
                    new ProcessBuilder("sh", "-c", "exec cat " + fifo + " > " + folder.resolve("cat.log")).start();
            long begin = System.nanoTime();
            Process app = write(writer, fifo);
            app.waitFor();
            say("cat fifo > file", begin, System.nanoTime(), 0);
            cat.destroy();
            cat.waitFor();
            keeper.getFD();
        }
        clean(folder);
    }

    private static void pump(Path folder, Path writer, String what, LogSpec spec) throws Exception {
        Path fifo = fifo(folder);
        try (RandomAccessFile keeper = new RandomAccessFile(fifo.toFile(), "rw");
                LogPump pump = new LogPump(trouble -> System.out.println(trouble))) {
            pump.start();
            LogSource source = new LogSource(fifo, pump.file(folder.resolve("bench.log"), spec));
            pump.attach(source);
            long begin = System.nanoTime();
            Process app = write(writer, fifo);
            app.waitFor();
            long written = System.nanoTime();
            CountDownLatch stored = new CountDownLatch(1);
            pump.detach(source, stored::countDown);
            stored.await();
            say(what, begin, written, System.nanoTime());
            keeper.getFD();
        }
        clean(folder);
    }

    private static void say(String what, long begin, long written, long stored) {
        System.out.printf(
                "%-16s written %5.0f MiB/s%s%n",
                what,
                1024e9 / (written - begin),
                stored == 0 ? "" : String.format(", stored %5.0f MiB/s", 1024e9 / (stored - begin)));
    }

    private static Process write(Path writer, Path fifo) throws IOException {
        return new ProcessBuilder("sh", "-c", "exec " + writer + " > " + fifo).start();
    }

    private static Path fifo(Path folder) throws Exception {
        Path fifo = folder.resolve("fifo");
        run("mkfifo", fifo.toString());
        return fifo;
    }

    private static void clean(Path folder) throws IOException {
        try (var list = Files.list(folder)) {
            for (Path each : list.toList()) {
                if (!each.getFileName().toString().startsWith("writer")) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    private static void run(String... command) throws Exception {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException(String.join(" ", command));
        }
    }
}
