package io.bulkhead.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Origin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateStoreTest {

    private static final InstanceId API_0 = new InstanceId("api", 0);
    private static final InstanceId API_12 = new InstanceId("api", 12);

    @TempDir
    Path folder;

    @Test
    void anotherDaemonKnowsWhatWasHeldOnceThisOneSaidSo() throws Exception {
        StateStore store = new StateStore(folder);
        assertThat(hold(store, API_0, true)).isEmpty();
        assertThat(hold(store, API_12, true)).isEmpty();
        assertThat(new StateStore(folder).holds()).containsExactlyInAnyOrder(API_0, API_12);
        assertThat(hold(store, API_0, false)).isEmpty();
        assertThat(store.holds()).containsExactly(API_12);
        assertThat(new StateStore(folder).holds()).containsExactly(API_12);
    }

    @Test
    void appsComeBackWithTheirOriginAndAreForgottenWithTheirHolds() throws Exception {
        StateStore store = new StateStore(folder);
        StateStore.App app = new StateStore.App(Origin.START, "{\"name\": \"a.b_c-1\",\n\"x\": \"ä\"}\n");
        CompletableFuture<Optional<String>> done = new CompletableFuture<>();
        store.remember("a.b_c-1", app, done::complete);
        assertThat(done.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(hold(store, new InstanceId("a.b_c-1", 0), true)).isEmpty();
        assertThat(new StateStore(folder).apps()).containsEntry("a.b_c-1", app).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("apps/a.b_c-1"))))
                .isEqualTo("rw-------");

        CompletableFuture<Optional<String>> gone = new CompletableFuture<>();
        store.forget("a.b_c-1", gone::complete);
        assertThat(gone.get(10, TimeUnit.SECONDS)).isEmpty();
        StateStore next = new StateStore(folder);
        assertThat(next.apps()).isEmpty();
        assertThat(next.holds()).isEmpty();
    }

    @Test
    void oneDamagedFileCostsNoOther() throws Exception {
        StateStore store = new StateStore(folder);
        assertThat(hold(store, API_0, true)).isEmpty();
        Files.writeString(folder.resolve("holds/nonsense"), "");
        Files.writeString(folder.resolve("holds/~api@3"), "half written");
        Files.createDirectory(folder.resolve("apps"));
        Files.write(folder.resolve("apps/broken"), new byte[] {(byte) 0xff, 0, 1});
        StateStore next = new StateStore(folder);
        assertThat(next.holds()).containsExactly(API_0);
        assertThat(next.apps()).isEmpty();
        assertThat(next.problems()).hasSize(2).anyMatch(text -> text.contains("apps/broken"));
    }

    @Test
    void aFolderThatTakesNothingIsToldAndTheDaemonStillKnows() throws Exception {
        Path state = Files.writeString(folder.resolve("state"), "a file where the folder should be");
        StateStore store = new StateStore(state);
        assertThat(hold(store, API_0, true))
                .hasValueSatisfying(text -> assertThat(text).contains("cannot be remembered"));
        assertThat(store.holds()).containsExactly(API_0);
    }

    private static Optional<String> hold(StateStore store, InstanceId instance, boolean held) throws Exception {
        CompletableFuture<Optional<String>> done = new CompletableFuture<>();
        store.hold(instance, held, done::complete);
        return done.get(10, TimeUnit.SECONDS);
    }
}
