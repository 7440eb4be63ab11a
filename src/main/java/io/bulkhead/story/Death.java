package io.bulkhead.story;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Exit;
import io.bulkhead.core.ExitReport;
import io.bulkhead.spec.AppSpec;
import java.util.List;
import java.util.Optional;

/**
 * The end of a run, and what was found about it afterwards.
 *
 * @param output its last lines, oldest first
 * @param kernel what the kernel's log says about it
 * @param kernelLogReadable whether that log can be read here
 * @param victim whom the kernel killed, such as "node (pid 812), which held 95 MiB"; empty where it is not known
 * @param users who used most of the memory then, the largest first; empty unless more than the run itself was short of it
 * @param usual what the program took before; empty where it was not watched for long enough
 */
public record Death(
        Effect.OpenIncident told,
        List<String> output,
        List<String> kernel,
        boolean kernelLogReadable,
        String victim,
        List<MemoryUser> users,
        Optional<UsualPeak> usual) {

    Exit exit() {
        return told.exit();
    }

    ExitReport report() {
        return told.report();
    }

    AppSpec app() {
        return told.app();
    }

    /** Whether one of the last lines holds {@code words}, in small letters. */
    boolean said(String words) {
        for (String line : output) {
            if (line.toLowerCase(java.util.Locale.ROOT).contains(words)) {
                return true;
            }
        }
        return false;
    }
}
