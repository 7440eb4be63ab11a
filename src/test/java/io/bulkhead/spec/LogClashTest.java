package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogClashTest {

    @TempDir
    Path folder;

    Reader reader;

    @BeforeEach
    void prepare() {
        reader = Reader.in(folder);
    }

    @Test
    void anInstanceAndAnAppOfItsNameWriteIntoOneFile() {
        assertThat(Reader.places(reader.read("apps:\n  x: {command: run, instances: 2}\n  x-0: {command: run}\n")))
                .containsExactly("3:8 the app \"x-0\" writes its output to x-0.log, as does \"x\" ("
                        + folder.resolve("bulkhead.yaml") + ":2)");
        assertThat(reader.read("apps:\n  x: {command: run}\n  x-0: {command: run}\n")
                        .problems())
                .isEmpty();
        assertThat(reader.read("apps:\n  x: {command: run, instances: 2}\n  x-0: {command: run, instances: 2}\n")
                        .problems())
                .isEmpty();
    }

    @Test
    void twoAppsOfOneLogFile() {
        assertThat(Reader.places(reader.read("""
                apps:
                  a:
                    command: run
                    log: {file: all.log}
                  b:
                    command: run
                    log:
                      file: all.log
                """)))
                .containsExactly("8:13 the app \"b\" writes its output to " + folder.resolve("all.log")
                        + ", as does \"a\" (" + folder.resolve("bulkhead.yaml") + ":4)");
    }

    @Test
    void streamsKeptApartCountToo() {
        assertThat(Reader.places(
                        reader.read("apps:\n  x: {command: run, log: {split: true}}\n  x.err: {command: run}\n")))
                .singleElement()
                .asString()
                .contains("x.err.log");
    }

    @Test
    void theDefaultsGiveOneFileToAll() {
        assertThat(reader.read(
                                "defaults: {log: {file: /var/log/all.log}}\napps:\n  a: {command: run}\n  b: {command: run}\n")
                        .failed())
                .isTrue();
    }
}
