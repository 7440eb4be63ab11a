package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderEventsTest {

    @TempDir
    Path folder;

    private FolderEvents events;
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        events = new FolderEvents();
    }

    @AfterEach
    void close() {
        events.close();
    }

    @Test
    void eachNewFileIsToldToWhoeverWatchesItsFolder() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        events.watch(other, seen::add);
        FolderEvents.Watch twice = events.watch(other, name -> seen.add("again " + name));
        Files.createFile(other.resolve("12.0"));
        await().until(() -> Poll.readable(events.fd()));
        events.tell();
        assertThat(seen).containsExactly("12.0", "again 12.0");
        assertThat(Poll.readable(events.fd())).isFalse();

        twice.close();
        twice.close();
        Files.createFile(folder.resolve("elsewhere"));
        Files.move(folder.resolve("elsewhere"), other.resolve("12.ready"));
        await().until(() -> Poll.readable(events.fd()));
        events.tell();
        assertThat(seen).containsExactly("12.0", "again 12.0", "12.ready");
    }

    @Test
    void onlyAFolderThatIsThereCanBeWatched() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> events.watch(file, seen::add)).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> events.watch(folder.resolve("none"), seen::add))
                .hasMessageContaining("none");
    }

    @Test
    void anEndedWatchIsSilent() throws IOException {
        events.watch(folder, seen::add).close();
        Files.createFile(folder.resolve("1"));
        events.tell();
        assertThat(seen).isEmpty();
    }
}
