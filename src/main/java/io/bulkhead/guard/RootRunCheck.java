package io.bulkhead.guard;

import io.bulkhead.linux.Users;
import io.bulkhead.spec.Finding;
import java.util.List;

/** An app that would run as root, because nobody has written otherwise or somebody has. */
final class RootRunCheck implements Check {

    @Override
    public String name() {
        return "user";
    }

    @Override
    public List<Finding> look(Subject subject) {
        int uid = subject.identity().map(who -> who.uid()).orElseGet(Users::effectiveUser);
        return uid == 0 ? List.of(subject.warning(this, "it would run as root", "write user: NAME")) : List.of();
    }
}
