package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Names and numbers of signals as Linux has them on x86-64 and arm64 (signal(7)). */
public final class Signals {

    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");

    private static final Map<String, String> ALIASES = Map.of("POLL", "IO", "IOT", "ABRT", "CLD", "CHLD");

    /** The first two real-time signals belong to the C library, so the first one programs see is 34. */
    private static final int RTMIN = 34;

    private static final int RTMAX = 64;

    private Signals() {}

    /** Number of {@code SIGTERM}, {@code TERM}, {@code term}, {@code 15}, {@code SIGRTMIN+3} or {@code SIGRTMAX-1}. */
    public static Parsed<Integer> parse(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        if (!name.isEmpty() && name.length() < 4 && allDigits(name)) {
            int number = Integer.parseInt(name);
            return number >= 1 && number <= RTMAX
                    ? Parsed.good(number)
                    : Parsed.bad(0, "is no signal: numbers go from 1 to 64", "write a name such as SIGTERM");
        }
        String bare = name.startsWith("SIG") ? name.substring(3) : name;
        int known = NAMES.indexOf(ALIASES.getOrDefault(bare, bare));
        if (known >= 0) {
            return Parsed.good(known + 1);
        }
        int realTime = realTime(bare);
        if (realTime > 0) {
            return Parsed.good(realTime);
        }
        return Parsed.bad(
                0,
                "names no signal: " + Words.quoted(text) + Words.didYouMean(bare, NAMES),
                "write a name such as SIGTERM or SIGQUIT, or a number");
    }

    /** {@code SIGTERM} for 15. */
    public static String name(int number) {
        if (number >= 1 && number <= NAMES.size()) {
            return "SIG" + NAMES.get(number - 1);
        }
        if (number < RTMIN || number > RTMAX) {
            return Integer.toString(number);
        }
        return number == RTMIN ? "SIGRTMIN" : "SIGRTMIN+" + (number - RTMIN);
    }

    private static int realTime(String name) {
        boolean fromStart = name.startsWith("RTMIN");
        if (!fromStart && !name.startsWith("RTMAX")) {
            return -1;
        }
        String rest = name.substring(5);
        if (rest.isEmpty()) {
            return fromStart ? RTMIN : RTMAX;
        }
        char sign = fromStart ? '+' : '-';
        if (rest.charAt(0) != sign || rest.length() > 3 || rest.length() < 2 || !allDigits(rest.substring(1))) {
            return -1;
        }
        int offset = Integer.parseInt(rest.substring(1));
        return offset > RTMAX - RTMIN ? -1 : fromStart ? RTMIN + offset : RTMAX - offset;
    }

    private static boolean allDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    static Type<Integer> type() {
        String names = String.join("|", NAMES);
        return new Scalars.Told<>(
                "a signal such as SIGTERM or 15",
                (scalar, scope) -> parse(scalar.text()),
                Schemas.anyOf(
                        Json.of("type", "integer", "minimum", 1, "maximum", RTMAX),
                        Json.of(
                                "type",
                                "string",
                                "pattern",
                                "^\\s*(([sS][iI][gG])?(" + eitherCase(names) + "|"
                                        + eitherCase(String.join("|", new TreeSet<>(ALIASES.keySet()))) + "|"
                                        + eitherCase("RTMIN") + "(\\+([0-9]|[12][0-9]|30))?|" + eitherCase("RTMAX")
                                        + "(-([0-9]|[12][0-9]|30))?)|0{0,2}[1-9]|0?[1-5][0-9]|0?6[0-4])\\s*$")));
    }

    /** JSON Schema's patterns know no flag for that. */
    private static String eitherCase(String words) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                out.append('[').append(c).append(Character.toLowerCase(c)).append(']');
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
