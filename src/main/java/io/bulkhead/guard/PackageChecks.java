package io.bulkhead.guard;

import java.util.List;

/** The checks of what a Node or PHP app is made of. */
final class PackageChecks {

    static final List<Check> ALL = List.of(new NodeVersionCheck(), new LockFileCheck(), new ModulesCheck());

    private PackageChecks() {}
}
