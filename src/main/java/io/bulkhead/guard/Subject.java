package io.bulkhead.guard;

import io.bulkhead.linux.Identity;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The app that a check looks at, as it would be started.
 *
 * @param spec the configuration it stands in
 * @param program the file that would be executed
 * @param argv the command, program name first
 * @param environment all that the program would see
 * @param identity who it would run as; empty: as we do
 * @param ours processes that are programs of this daemon's apps now; empty where no daemon runs
 */
public record Subject(
        Spec spec,
        AppSpec app,
        Path program,
        List<String> argv,
        Map<String, String> environment,
        Optional<Identity> identity,
        Set<Integer> ours) {

    public Finding error(Check check, String message, String fix, String... evidence) {
        return finding(check, Finding.Severity.ERROR, message, fix, evidence);
    }

    public Finding warning(Check check, String message, String fix, String... evidence) {
        return finding(check, Finding.Severity.WARNING, message, fix, evidence);
    }

    public Finding note(Check check, String message, String fix, String... evidence) {
        return finding(check, Finding.Severity.INFO, message, fix, evidence);
    }

    private Finding finding(Check check, Finding.Severity severity, String message, String fix, String... evidence) {
        return new Finding(app.name(), check.name(), severity, message, List.of(evidence), fix);
    }
}
