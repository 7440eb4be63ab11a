package io.bulkhead.host;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing the doctor looked at.
 *
 * @param check a word for it
 * @param severity ok, info, warning or error
 * @param message what it means
 * @param evidence how it was found, may be empty
 * @param fix what to do, empty for what is well
 */
record DoctorFinding(String check, String severity, String message, String evidence, String fix) {

    static DoctorFinding ok(String check, String message, String evidence) {
        return new DoctorFinding(check, "ok", message, evidence, "");
    }

    static DoctorFinding warning(String check, String message, String evidence, String fix) {
        return new DoctorFinding(check, "warning", message, evidence, fix);
    }

    static DoctorFinding error(String check, String message, String evidence, String fix) {
        return new DoctorFinding(check, "error", message, evidence, fix);
    }

    boolean degraded() {
        return severity.equals("warning") || severity.equals("error");
    }

    Map<String, @Nullable Object> document() {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("check", check);
        document.put("severity", severity);
        document.put("message", message);
        document.put("evidence", evidence);
        document.put("fix", fix);
        return document;
    }
}
