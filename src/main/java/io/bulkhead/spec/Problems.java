package io.bulkhead.spec;

import io.bulkhead.spec.Problem.Severity;
import io.bulkhead.spec.SourceText.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Collects what is wrong, so that a user sees all of it at once. */
final class Problems {

    /** More than this teaches nobody anything, and a hostile file could make millions. */
    static final int LIMIT = 100;

    private final List<Problem> list = new ArrayList<>();
    private final List<String> files = new ArrayList<>();
    private final Set<Problem> seen = new HashSet<>();
    private int errors;
    private int dropped;

    void error(Place place, String message) {
        add(Severity.ERROR, place, message, Optional.empty());
    }

    void error(Place place, String message, String hint) {
        add(Severity.ERROR, place, message, Optional.of(hint));
    }

    void warning(Place place, String message, String hint) {
        add(Severity.WARNING, place, message, Optional.of(hint));
    }

    /** An error that concerns a whole file. */
    void error(String file, String message, String hint) {
        errors++;
        list.add(new Problem(Severity.ERROR, file, 0, 0, message, Optional.of(hint), Optional.empty()));
    }

    /** Whether whatever comes now is only counted. */
    boolean isFull() {
        return list.size() >= LIMIT;
    }

    boolean hasErrors() {
        return errors > 0;
    }

    int errors() {
        return errors;
    }

    /** Files are reported in the order in which they are announced here. */
    void expect(String file) {
        files.add(file);
    }

    /** By file, then by place. */
    List<Problem> sorted() {
        List<Problem> all = new ArrayList<>(list);
        all.sort((a, b) -> {
            int byFile = Integer.compare(files.indexOf(a.file()), files.indexOf(b.file()));
            int byLine = byFile != 0 ? byFile : Integer.compare(a.line(), b.line());
            return byLine != 0 ? byLine : Integer.compare(a.column(), b.column());
        });
        if (dropped > 0) {
            Problem last = all.getLast();
            all.add(new Problem(
                    Severity.ERROR,
                    last.file(),
                    last.line(),
                    last.column(),
                    dropped + " more problems are not shown",
                    Optional.of("solve these first"),
                    Optional.empty()));
        }
        return List.copyOf(all);
    }

    private void add(Severity severity, Place place, String message, Optional<String> hint) {
        if (severity == Severity.ERROR) {
            errors++;
        }
        if (isFull()) {
            dropped++;
            return;
        }
        Problem problem = new Problem(
                severity,
                place.source().name(),
                place.line(),
                place.column(),
                message,
                hint,
                place.source().line(place.line()).map(ServiceUrl::withoutPasswords));
        if (seen.add(problem)) {
            list.add(problem);
        }
    }
}
