package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every unified group can, with or without controllers: join, list, freeze, end, remove. On the running kernel. */
class CgroupV2Test {

    @TempDir
    Path folder;

    private Optional<Compartment> opened = Optional.empty();

    @BeforeEach
    void open() throws IOException {
        CgroupView view = CgroupView.read(Path.of("/"));
        Optional<Path> parent = CgroupMount.unified(view.mounts())
                .filter(mount -> !mount.readOnly())
                .map(view::top)
                .filter(CgroupView::writable);
        assumeTrue(parent.isPresent(), "needs root and a mounted unified hierarchy");
        Path group = parent.get().resolve(TestHost.folderName());
        Files.createDirectory(group);
        opened = Optional.of(new Compartment(folder, new CgroupV2(group)));
    }

    @AfterEach
    void close() throws IOException {
        if (opened.isPresent()) {
            opened.get().close();
        }
    }

    @Test
    void programsAreBornInTheGroup() throws IOException {
        Compartment compartment = opened.orElseThrow();
        Pidfd program = compartment.start("exec sleep 1000");

        assertThat(compartment.cgroup.members()).containsExactlyInAnyOrder(compartment.keeper.pid(), program.pid());
        assertThat(Proc.HOST.cgroup(program.pid(), "")).contains("/" + compartment.cgroup.name());
    }

    @Test
    void whatForksWithoutEndEndsAndTheKeeperGoesOn() throws IOException {
        Compartment compartment = opened.orElseThrow();
        compartment.start("f() { (f) & exit; }; i=0; while [ $i -lt 30 ]; do (f) & i=$((i+1)); done; exec sleep 1000");
        await().until(() -> compartment.cgroup.members().size() >= 20);

        compartment.endAll();

        assertThat(compartment.cgroup.members()).containsExactly(compartment.keeper.pid());
        assertThat(compartment.exit(compartment.start("exit 6"))).isEqualTo(ExitStatus.code(6));
    }

    /** A daemon that died between freeze and thaw must not leave an app frozen for ever. */
    @Test
    void anUpdateThawsWhatADeadDaemonLeftFrozen() throws IOException {
        Compartment compartment = opened.orElseThrow();
        Path group = compartment.cgroup.joins().getFirst().getParent();
        ControlFile.write(group.resolve("cgroup.freeze"), "1");
        await().until(() -> Files.readString(group.resolve("cgroup.events")).contains("frozen 1"));

        assertThat(new CgroupV2(group).update(CompartmentLimits.NONE)).isEqualTo(List.of());
        assertThat(compartment.exit(compartment.start("exit 2"))).isEqualTo(ExitStatus.code(2));
    }
}
