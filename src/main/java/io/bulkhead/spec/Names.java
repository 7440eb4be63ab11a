package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.util.Map;
import java.util.Optional;

/** What things may be called. */
enum Names {
    /** They become names of files, folders, cgroups and words of the command line. */
    APP("letters, digits, \".\", \"_\" and \"-\", beginning with a letter or digit, at most 64 characters") {
        @Override
        Optional<String> wrong(String name) {
            if (name.equals("all")) {
                return Optional.of("the name \"all\" is taken: it stands for every app");
            }
            return plain(name, 64) ? Optional.empty() : Optional.of(refusal("app", name));
        }

        @Override
        Map<String, Object> schema() {
            return Json.of("pattern", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "not", Json.of("const", "all"));
        }
    },
    /** An external service, pool or tunnel. */
    THING("letters, digits, \".\", \"_\" and \"-\", beginning with a letter or digit, at most 64 characters") {
        @Override
        Optional<String> wrong(String name) {
            return plain(name, 64) ? Optional.empty() : Optional.of(refusal("", name));
        }

        @Override
        Map<String, Object> schema() {
            return Json.of("pattern", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");
        }
    },
    /** execve(2) takes any NAME=VALUE; names such as {@code my.var} exist. */
    VARIABLE("at least one character, without \"=\" and blanks, at most 255") {
        @Override
        Optional<String> wrong(String name) {
            boolean bad = name.isEmpty() || name.length() > 255;
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                bad |= c == '=' || c <= ' ' || c == 0x7f;
            }
            return bad ? Optional.of(Words.quoted(name) + " cannot be the name of a variable") : Optional.empty();
        }

        @Override
        Map<String, Object> schema() {
            return Json.of("pattern", "^[^=\\u0000-\\u0020\\u007f]{1,255}$");
        }
    };

    private final String rule;

    Names(String rule) {
        this.rule = rule;
    }

    abstract Optional<String> wrong(String name);

    abstract Map<String, Object> schema();

    String hint() {
        return "names are " + rule;
    }

    private static String refusal(String what, String name) {
        String shown = Words.quoted(name) + " cannot be the name of an " + (what.isEmpty() ? "entry" : what);
        if (name.isEmpty()) {
            return shown + ": it is empty";
        }
        if (name.length() > 64) {
            return shown + ": it has " + name.length() + " characters";
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!letterOrDigit(c) && (i == 0 || (c != '.' && c != '_' && c != '-'))) {
                return shown + ": it " + (i == 0 ? "begins with " : "holds ")
                        + (c == ' ' ? "a blank" : Words.quoted("" + c));
            }
        }
        return shown;
    }

    private static boolean plain(String name, int longest) {
        if (name.isEmpty() || name.length() > longest || !letterOrDigit(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!letterOrDigit(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean letterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
