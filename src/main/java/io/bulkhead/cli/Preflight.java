package io.bulkhead.cli;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Spec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code check} needs to know of this machine: the command line itself does not look at the kernel. */
public interface Preflight {

    /** What a configuration's meaning depends on here. */
    Host host(Map<String, String> environment);

    /**
     * Whether the app could start: user, folders, env files, required environment, command. Starts nothing.
     *
     * @return findings as in {@code check --json} without the app: an error where something is in the way, and warnings
     */
    List<Map<String, @Nullable Object>> examine(Spec spec, AppSpec app, Map<String, String> environment);
}
