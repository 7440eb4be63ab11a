package io.bulkhead.guard;

import io.bulkhead.linux.DescriptorLimit;
import io.bulkhead.spec.Finding;
import java.util.List;
import java.util.OptionalInt;

/** {@code nofile} that this host does not give: the program would silently get less. */
final class DescriptorsCheck implements Check {

    @Override
    public String name() {
        return "nofile";
    }

    @Override
    public List<Finding> look(Subject subject) {
        return judge(subject, DescriptorLimit.read());
    }

    List<Finding> judge(Subject subject, DescriptorLimit limit) {
        OptionalInt wanted = subject.app().limits().nofile();
        if (wanted.isEmpty() || wanted.getAsInt() <= limit.reachable()) {
            return List.of();
        }
        boolean kernel = limit.reachable() == limit.most();
        return List.of(subject.warning(
                this,
                "nofile " + wanted.getAsInt() + " is more than this host gives: it would have " + limit.reachable()
                        + " descriptors",
                kernel
                        ? "sysctl fs.nr_open=" + wanted.getAsInt() + ", or write less"
                        : "raise the limit where the daemon is started (LimitNOFILE=, ulimit -Hn), or write less",
                kernel ? "fs.nr_open is " + limit.most() : "the daemon's hard limit is " + limit.hard()));
    }
}
