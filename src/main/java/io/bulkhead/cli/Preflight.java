package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Spec;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What {@code check} and {@code doctor} need to know of this machine: the command line itself does not look at the kernel. */
public interface Preflight {

    /** What a configuration's meaning depends on here. */
    Host host(Map<String, String> environment);

    /**
     * Whether the app could start: user, folders, env files, required environment, command. Starts nothing.
     *
     * @return findings as in {@code check --json}: an error where something is in the way, and warnings
     */
    List<Map<String, Object>> examine(Spec spec, AppSpec app, Map<String, String> environment);

    /**
     * The same for several apps, and all checks besides. Takes some seconds at most.
     *
     * @param running what {@code status --json} says of the daemon that runs these apps; empty where none does
     * @param progress hears now and then how many of how many are done, on any thread
     * @return findings as in {@code check --json}, by app
     */
    List<Map<String, Object>> checks(
            Spec spec,
            List<String> apps,
            Map<String, String> environment,
            Doc running,
            BiConsumer<Integer, Integer> progress);

    /**
     * Whether everything fits into this host's memory.
     *
     * @param running what {@code memory --json} says of the daemon that runs these apps; empty where none does
     * @return findings as in {@code check --json}, the gravest first; none where all is well
     */
    List<Map<String, Object>> memory(Spec spec, Doc running);

    /** What a daemon on {@code home} would find here, where none can be asked: findings as in {@code doctor --json}. */
    List<Map<String, @Nullable Object>> doctor(Home home);

    /** The systemd unit that would hold the programs of {@code home}'s daemon. */
    String scope(Home home);
}
