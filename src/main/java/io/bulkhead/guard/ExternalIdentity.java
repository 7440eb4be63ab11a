package io.bulkhead.guard;

import io.bulkhead.guard.KnownServer.Likeness;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Finding;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the databases that an app needs are those that they were: a tunnel or a second server on the port answers just as well, with other data. */
final class ExternalIdentity implements Check {

    static final String NAME = "external-identity";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Finding> look(Subject subject) throws InterruptedException {
        Set<String> needed = new LinkedHashSet<>(subject.app().dependsOn());
        needed.addAll(subject.app().connections().keySet());
        List<Finding> findings = new ArrayList<>();
        for (String name : needed) {
            External external = subject.spec().externals().get(name);
            if (external != null && external.url().isPresent()) {
                ServerView view = ServiceAsk.once(name, external.url().get());
                finding(subject, view).ifPresent(findings::add);
            }
        }
        return findings;
    }

    private Optional<Finding> finding(Subject subject, ServerView view) {
        if (view.answered()) {
            Optional<KnownServer> known =
                    Optional.ofNullable(subject.servers().get(view.service())).flatMap(KnownServer::read);
            return known.filter(before -> before.compare(view) == Likeness.OTHER)
                    .map(before -> subject.error(
                            this,
                            before.difference(view),
                            "look who listens there (bulkhead ports); if it is meant to be another, once: --skip "
                                    + NAME));
        }
        return switch (view.trouble()) {
            // Whoever waits for it is told by depends_on that it is away.
            case "refused", "unreachable", "starting" -> Optional.empty();
            case "garbage" ->
                Optional.of(subject.error(this, view.message(), "look who listens there: bulkhead ports"));
            default ->
                Optional.of(subject.warning(
                        this,
                        "who " + view.service() + " is was not seen: " + view.message(),
                        "mend that, or leave out externals." + view.service() + ".url"));
        };
    }
}
