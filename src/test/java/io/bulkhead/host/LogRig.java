package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.LogSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.zip.GZIPInputStream;

/** A folder with real FIFOs, each held open as a keeper would, and shells that write into them. */
final class LogRig implements AutoCloseable {

    static final LogSpec BIG = new LogSpec(1L << 40, 10, false, false, false, Optional.empty());

    final Path folder;
    final List<LogTrouble> troubles = new ArrayList<>();
    private final List<RandomAccessFile> keepers = new ArrayList<>();
    private int fifos;

    LogRig(Path folder) {
        this.folder = folder;
    }

    static LogSpec rotating(long maxBytes, int keep, boolean compress) {
        return new LogSpec(maxBytes, keep, compress, false, false, Optional.empty());
    }

    LogPump pump() throws IOException {
        return pump(System::currentTimeMillis);
    }

    LogPump pump(LongSupplier clock) throws IOException {
        LogPump pump = new LogPump(
                trouble -> {
                    synchronized (troubles) {
                        troubles.add(trouble);
                    }
                },
                clock);
        pump.start();
        return pump;
    }

    List<LogTrouble> troubles() {
        synchronized (troubles) {
            return List.copyOf(troubles);
        }
    }

    Path fifo() throws Exception {
        Path fifo = folder.resolve("fifo" + fifos++);
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        keepers.add(new RandomAccessFile(fifo.toFile(), "rw"));
        return fifo;
    }

    Path log() {
        return folder.resolve("log/api.log");
    }

    /** A shell whose stdout is the FIFO; returns when it has ended. */
    static void shell(Path fifo, String script) throws Exception {
        assertThat(start(fifo, script).waitFor()).isZero();
    }

    static Process start(Path fifo, String script) throws IOException {
        return new ProcessBuilder("sh", "-c", "{ " + script + "\n} > " + fifo)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static void detach(LogPump pump, LogSource source) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        pump.detach(source, done::countDown);
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }

    static void sync(LogPump pump, LogSource source) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        pump.sync(source, done::countDown);
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }

    /** Everything there is of a log, the oldest file first. */
    static String everything(LogFile file) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path path : file.segments().paths()) {
            try (InputStream plain = Files.newInputStream(path);
                    InputStream in = path.toString().endsWith(".gz") ? new GZIPInputStream(plain) : plain) {
                in.transferTo(all);
            }
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    static List<String> read(List<LogFile> files, LogQuery query) throws Exception {
        List<String> lines = new ArrayList<>();
        new LogReader(files, query)
                .copyTo((input, text, offset, length) ->
                        lines.add(input + "|" + new String(text, offset, length, StandardCharsets.UTF_8)));
        return lines;
    }

    @Override
    public void close() throws IOException {
        for (RandomAccessFile keeper : keepers) {
            keeper.close();
        }
    }
}
