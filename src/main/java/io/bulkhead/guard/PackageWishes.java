package io.bulkhead.guard;

import io.bulkhead.spec.AppSpec;
import java.util.Optional;

/** What {@code checks:} says of packages. */
record PackageWishes(Optional<String> node, Optional<Boolean> lockfile, Optional<Boolean> modules) {

    static PackageWishes of(AppSpec app) {
        return new PackageWishes(
                app.checks().node(), app.checks().lockfile(), app.checks().modules());
    }
}
