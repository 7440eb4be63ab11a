package io.bulkhead.guard;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.External;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * What apps may take of one external, against what it has.
 *
 * @param limit connections it allows; empty where neither it nor the configuration says so
 * @param reserved of these, kept for administrators
 * @param used connections there are now
 * @param others of these, by everybody who has not written how many
 * @param parts what is written, app by app
 */
public record ConnectionSum(String service, OptionalInt limit, int reserved, int used, int others, List<Part> parts) {

    /**
     * @param connections of all its instances together
     * @param twice whether the old and the new generation hold them at the same time
     */
    public record Part(String app, int connections, boolean twice) {
        int planned() {
            return twice ? 2 * connections : connections;
        }
    }

    /**
     * @param view what the server says; empty where it was not asked, or has not answered
     * @param holdings of all externals
     * @param twice which apps are replaced start-first
     * @param app the name of the app that a process belongs to
     */
    public static ConnectionSum of(
            External external,
            Optional<ServerView> view,
            List<Holding> holdings,
            Collection<AppSpec> apps,
            Predicate<AppSpec> twice,
            IntFunction<Optional<String>> app) {
        List<Part> parts = new ArrayList<>();
        List<String> declared = new ArrayList<>();
        for (AppSpec one : apps) {
            Integer most = one.connections().get(external.name());
            if (most != null && most > 0 && one.instances() > 0) {
                parts.add(new Part(one.name(), most, twice.test(one)));
                declared.add(one.name());
            }
        }
        int seen = 0;
        int own = 0;
        for (Holding holding : holdings) {
            if (holding.external().equals(external)) {
                seen++;
                own += holding.clients().stream()
                                .anyMatch(pid -> app.apply(pid)
                                        .filter(declared::contains)
                                        .isPresent())
                        ? 1
                        : 0;
            }
        }
        Optional<ServerView> answered = view.filter(ServerView::answered);
        int used = answered.map(ServerView::used).orElse(seen);
        OptionalInt limit = external.maxConnections();
        if (limit.isEmpty() && answered.filter(one -> one.max() > 0).isPresent()) {
            limit = OptionalInt.of(answered.get().max());
        }
        int reserved = answered.map(ServerView::reserved).orElse(0);
        return new ConnectionSum(external.name(), limit, reserved, used, Math.max(0, used - own), List.copyOf(parts));
    }

    public int planned() {
        int sum = 0;
        for (Part part : parts) {
            sum += part.planned();
        }
        return sum;
    }

    /** What the apps of {@link #parts} can have together; a large number where the limit is not known. */
    public int free() {
        return limit.isPresent() ? Math.max(0, limit.getAsInt() - reserved - others) : Integer.MAX_VALUE;
    }

    public boolean enough() {
        return planned() <= free();
    }

    /** {@code api 10 × 2 during the replacement + worker 10 = 30 connections, and postgres has 15 for them: 20 − 3 reserved − 2 used by others}. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            text.append(text.isEmpty() ? "" : " + ")
                    .append(part.app())
                    .append(' ')
                    .append(part.connections())
                    .append(part.twice() ? " × 2 during the replacement" : "");
        }
        if (parts.size() > 1 || parts.stream().anyMatch(Part::twice)) {
            text.append(" = ").append(planned());
        }
        text.append(planned() == 1 ? " connection" : " connections");
        if (limit.isEmpty()) {
            return text + "; how many " + service + " allows is not known";
        }
        text.append(", and ").append(service).append(" has ").append(free()).append(" for them");
        if (reserved > 0 || others > 0) {
            text.append(": ").append(limit.getAsInt());
            text.append(reserved > 0 ? " − " + reserved + " reserved" : "");
            text.append(others > 0 ? " − " + others + " used by others" : "");
        }
        return text.toString();
    }
}
