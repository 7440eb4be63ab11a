package io.bulkhead.guard;

import io.bulkhead.linux.HostMemory;
import io.bulkhead.spec.Finding;
import java.util.List;
import java.util.Optional;

/** {@code checks.free_memory}. Whether all limits and a second generation fit is the budget's arithmetic, which looks at all apps at once. */
final class FreeMemoryCheck implements Check {

    @Override
    public String name() {
        return "free-memory";
    }

    @Override
    public List<Finding> look(Subject subject) {
        Optional<Long> wanted = subject.app().checks().freeMemory();
        HostMemory host = HostMemory.read();
        if (wanted.isEmpty() || host.available() >= wanted.get()) {
            return List.of();
        }
        return List.of(subject.error(
                this,
                "the host has less memory available than the " + (wanted.get() >> 20) + " MiB of checks: free_memory",
                "see who has it: bulkhead memory",
                (host.available() >> 20) + " MiB of " + (host.total() >> 20) + " MiB available"));
    }
}
