package io.bulkhead.linux;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Compartments for tests, in a folder of this process's own. */
final class TestHost implements AutoCloseable {

    final CgroupHost host;
    private final List<Compartment> open = new ArrayList<>();
    private int count;

    private TestHost(CgroupHost host) {
        this.host = host;
    }

    static String folderName() {
        return "bulkhead-test-" + ProcessHandle.current().pid();
    }

    static TestHost withMemoryCgroup() throws IOException {
        CgroupHost host = CgroupHost.detect(folderName());
        assumeTrue(host.kind() != CgroupHost.Kind.NONE, () -> "needs root and a memory cgroup: " + host.reasons());
        host.prepare();
        return new TestHost(host);
    }

    /** The best this host and user offer. */
    static TestHost best() throws IOException {
        CgroupHost host = CgroupHost.detect(folderName());
        host.prepare();
        return new TestHost(host);
    }

    static TestHost without() {
        return new TestHost(CgroupHost.none("a test wants none"));
    }

    Compartment open(Path folder, CompartmentLimits limits) throws IOException {
        return open(folder, Optional.empty(), limits);
    }

    Compartment open(Path folder, Optional<String> pool, CompartmentLimits limits) throws IOException {
        List<String> cannot = new ArrayList<>();
        return add(new Compartment(folder, host.create("test-" + count++, pool, limits, cannot)));
    }

    Compartment open(Path folder, List<ListenSocket> sockets) throws IOException {
        Cgroup group = host.create("test-" + count++, Optional.empty(), CompartmentLimits.NONE, new ArrayList<>());
        return add(new Compartment(folder, group, Keeper.shell(), sockets));
    }

    private Compartment add(Compartment compartment) {
        open.add(compartment);
        return compartment;
    }

    /** Before the others. */
    void end(Compartment compartment) throws IOException {
        open.remove(compartment);
        compartment.close();
    }

    static CompartmentLimits memory(long bytes) {
        return new CompartmentLimits(OptionalLong.of(bytes), 0, OptionalInt.empty(), OptionalDouble.empty());
    }

    static CompartmentLimits pids(int count) {
        return new CompartmentLimits(OptionalLong.empty(), 0, OptionalInt.of(count), OptionalDouble.empty());
    }

    @Override
    public void close() throws IOException {
        for (Compartment compartment : open) {
            compartment.close();
        }
        host.remove();
    }
}
