package io.bulkhead.host;

import io.bulkhead.spec.AppSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Keeps secrets out of everything that is shown: by their names, by what the app masks, and passwords within URLs. */
final class Masking {

    static final String MASK = "********";

    private static final List<String> SECRET_WORDS = List.of(
            "PASS",
            "PWD",
            "SECRET",
            "TOKEN",
            "CREDENTIAL",
            "PRIVATE",
            "APIKEY",
            "API_KEY",
            "ACCESS_KEY",
            "AUTH",
            "SALT",
            "DSN",
            "COOKIE",
            "SIGNING",
            "ENCRYPTION");

    private Masking() {}

    /** The variables with their secret values masked. */
    static Map<String, Object> of(AppSpec app, Map<String, String> environment) {
        Map<String, Object> masked = new LinkedHashMap<>();
        environment.forEach((name, value) -> masked.put(name, isSecret(app, name) ? MASK : withoutPassword(value)));
        return masked;
    }

    private static boolean isSecret(AppSpec app, String name) {
        return app.masked().contains(name) || isSecretName(name);
    }

    /** Whether what is called so is probably a secret. */
    static boolean isSecretName(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        for (String word : SECRET_WORDS) {
            if (upper.contains(word)) {
                return true;
            }
        }
        return upper.endsWith("_KEY") || upper.equals("KEY");
    }

    /** {@code postgres://shop:s3cret@host/db} without the password. */
    static String withoutPassword(String value) {
        int scheme = value.indexOf("://");
        int at = value.lastIndexOf('@');
        int colon = scheme < 0 ? -1 : value.indexOf(':', scheme + 3);
        return colon > 0 && colon < at ? value.substring(0, colon + 1) + MASK + value.substring(at) : value;
    }
}
