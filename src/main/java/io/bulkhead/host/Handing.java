package io.bulkhead.host;

import io.bulkhead.linux.Keeper;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Listen;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which of an app's addresses Bulkhead opens and hands to its program, and how the program is told. With {@code handover: auto} it is done for those that
 * surely take what they are given: whoever does not would find its own address taken.
 */
final class Handing {

    /** They serve the sockets of LISTEN_FDS in place of what their own configuration names, without being told to. */
    private static final Set<String> READ_LISTEN_FDS = Set.of("gunicorn", "puma", "uwsgi");

    private static final String PHP_FPM = "php-fpm";

    private Handing() {}

    /** @param preloaded whether it is Node with our preload, in which {@code listen} takes the socket */
    static List<Listen> of(AppSpec app, Path program, boolean preloaded) {
        String name = String.valueOf(program.getFileName());
        boolean takes = preloaded || name.startsWith(PHP_FPM) || READ_LISTEN_FDS.contains(name);
        List<Listen> handed = new ArrayList<>();
        for (Listen address : app.listen()) {
            boolean wanted = switch (address.handover()) {
                case AUTO -> takes;
                case ALWAYS -> true;
                case NEVER -> false;
            };
            if (wanted) {
                handed.add(address);
            }
        }
        return handed;
    }

    /** What LISTEN_FDNAMES calls the sockets: the port, or the path; {@code :} divides names (sd_listen_fds(3)). */
    static List<String> names(List<Listen> handed) {
        List<String> names = new ArrayList<>();
        for (Listen address : handed) {
            names.add(address.port() == 0 ? address.path().replace(':', '_') : Integer.toString(address.port()));
        }
        return names;
    }

    /**
     * PHP-FPM inherits sockets as it does when it restarts itself: by the address that its pool's {@code listen} names (sapi/fpm/fpm/fpm_sockets.c). A
     * socket that no pool names it closes.
     */
    static void tellPhp(Path program, List<Listen> handed, Map<String, String> environment) {
        if (handed.isEmpty() || !String.valueOf(program.getFileName()).startsWith(PHP_FPM)) {
            return;
        }
        List<String> sockets = new ArrayList<>();
        for (int i = 0; i < handed.size(); i++) {
            sockets.add(phpKey(handed.get(i)) + "=" + (Keeper.FIRST_SOCKET + i));
        }
        environment.put("FPM_SOCKETS", String.join(",", sockets));
    }

    private static String phpKey(Listen address) {
        if (address.port() == 0) {
            return address.path();
        }
        return (address.host().isEmpty() ? "::" : address.host()) + ":"
                + address.port(); // it writes IPv6 without brackets
    }
}
