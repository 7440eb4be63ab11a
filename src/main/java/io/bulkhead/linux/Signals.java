package io.bulkhead.linux;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Signal names and numbers as Linux has them on x86-64, ARM, RISC-V and POWER (signal(7)). */
public final class Signals {

    public static final int HUP = 1;
    public static final int INT = 2;
    public static final int QUIT = 3;
    public static final int ABRT = 6;
    public static final int KILL = 9;
    public static final int USR1 = 10;
    public static final int SEGV = 11;
    public static final int USR2 = 12;
    public static final int TERM = 15;
    public static final int CONT = 18;
    public static final int STOP = 19;

    private static final int RTMIN = 34;
    private static final int RTMAX = 64;

    private static final String[] NAMES = {
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS"
    };

    private static final Map<String, Integer> NUMBERS = numbers();

    private Signals() {}

    /** {@code SIGTERM} for 15; {@code SIGRTMIN+3} for 37; {@code signal 70} for what has no name. */
    public static String name(int number) {
        if (number > 0 && number < NAMES.length) {
            return "SIG" + NAMES[number];
        }
        if (number >= RTMIN && number <= RTMAX) {
            return number == RTMIN ? "SIGRTMIN" : "SIGRTMIN+" + (number - RTMIN);
        }
        return "signal " + number;
    }

    /** The number of {@code SIGTERM}, {@code TERM}, {@code term}, {@code 15} or {@code SIGRTMIN+3}; empty for anything else. */
    public static OptionalInt number(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        Integer known = NUMBERS.get(name);
        if (known != null) {
            return OptionalInt.of(known);
        }
        try {
            int number =
                    name.startsWith("RTMIN+") ? RTMIN + Integer.parseInt(name.substring(6)) : Integer.parseInt(name);
            return number >= 1 && number <= RTMAX ? OptionalInt.of(number) : OptionalInt.empty();
        } catch (NumberFormatException notANumber) {
            return OptionalInt.empty();
        }
    }

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new TreeMap<>();
        for (int i = 1; i < NAMES.length; i++) {
            numbers.put(NAMES[i], i);
        }
        numbers.put("IOT", ABRT);
        numbers.put("POLL", 29);
        numbers.put("CLD", 17);
        numbers.put("RTMIN", RTMIN);
        numbers.put("RTMAX", RTMAX);
        return numbers;
    }
}
