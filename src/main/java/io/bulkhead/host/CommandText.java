package io.bulkhead.host;

import java.util.List;
import java.util.Locale;

/** A command line of a foreign process, short and without what looks like a secret. */
final class CommandText {

    private static final int LONGEST = 120;

    private CommandText() {}

    static String of(List<String> command) {
        StringBuilder text = new StringBuilder();
        boolean secret = false;
        for (String word : command) {
            if (text.length() > LONGEST) {
                break;
            }
            text.append(text.isEmpty() ? "" : " ").append(secret ? Masking.MASK : shown(word));
            secret = word.startsWith("-") && word.indexOf('=') < 0 && Masking.isSecretName(word);
        }
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text.toString();
    }

    /** {@code --password=x}, {@code DB_PASS=x} and {@code postgres://user:x@host} without x. */
    private static String shown(String word) {
        int equals = word.indexOf('=');
        if (equals > 0 && Masking.isSecretName(word.substring(0, equals).toUpperCase(Locale.ROOT))) {
            return word.substring(0, equals + 1) + Masking.MASK;
        }
        return Masking.withoutPassword(word);
    }
}
