package io.bulkhead.guard;

import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Finding;
import java.util.ArrayList;
import java.util.List;

/** What an app depends on and Bulkhead does not run: whether it is there, and is who it should be. A start waits for it, so nothing is refused. */
final class ExternalsCheck implements Check {

    @Override
    public String name() {
        return "externals";
    }

    @Override
    public List<Finding> look(Subject subject) {
        List<Finding> findings = new ArrayList<>();
        List<TcpSocket> listening = TcpSockets.listening();
        for (String name : subject.app().dependsOn()) {
            External external = subject.spec().externals().get(name);
            if (external == null) {
                continue;
            }
            ExternalLook.Sight sight = ExternalLook.at(external, listening);
            if (sight.away()) {
                findings.add(subject.warning(
                        this,
                        name + " is not there: it would wait for that",
                        "see who listens where: bulkhead ports",
                        sight.words()));
            }
        }
        return findings;
    }
}
