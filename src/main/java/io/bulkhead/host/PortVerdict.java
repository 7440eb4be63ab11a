package io.bulkhead.host;

import io.bulkhead.guard.ExternalLook;
import io.bulkhead.guard.Manager;
import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.Resolver;
import io.bulkhead.linux.Users;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who has an address, against who should.
 *
 * @param words a sentence about what is wrong; empty where all is well
 * @param owner program of its rightful owner, where that can be seen
 * @param fields who is in the way, for the event
 */
record PortVerdict(Kind kind, String words, String owner, Map<String, Object> fields) {

    enum Kind {
        WELL("port.back"),
        /** Somebody else has it, or has the same port where {@code localhost} may lead. */
        TAKEN("port.taken"),
        /** Nobody listens there who should. */
        LOST("port.lost");

        private final String type;

        Kind(String type) {
            this.type = type;
        }

        /** Of the event that tells of it. */
        String type() {
            return type;
        }
    }

    static final PortVerdict WELL = new PortVerdict(Kind.WELL, "", "", Map.of());

    boolean isWell() {
        return kind == Kind.WELL;
    }

    /** Whether there is nothing new in it: the words may hold figures that change. */
    boolean isSame(PortVerdict other) {
        return kind == other.kind && fields.getOrDefault("pid", 0).equals(other.fields.getOrDefault("pid", 0));
    }

    String ownerWords() {
        return owner.isEmpty() ? "" : ": " + owner + " has it";
    }

    /**
     * Looks up who holds it; some milliseconds.
     *
     * @param serves whether somebody must listen there now
     * @param there whether anybody listens on its port, or its file exists
     * @param before program that had it when it was well; empty: not known
     */
    static PortVerdict of(PortNeed need, boolean serves, boolean there, String before, Belonging belonging) {
        if (need.address().port() == 0) {
            return there || !serves || need.external() && before.isEmpty() ? WELL : lost(need);
        }
        if (need.external() && Resolver.local(need.address().host()).isEmpty()) {
            return WELL; // it is elsewhere
        }
        List<Listener> all = Listeners.find(need.address().port());
        List<Listener> reached = Reach.on(all, need.address());
        List<InetAddress> localhost = Resolver.localhost();
        List<Listener> local = Reach.atLocalhost(all, localhost);
        Optional<Listener> own = Optional.empty();
        Optional<Listener> other = Optional.empty();
        for (Listener listener : all) {
            boolean counts = reached.contains(listener);
            if (counts && isRightful(listener, need, before, belonging)) {
                own = own.or(() -> Optional.of(listener));
            } else if (counts && !(need.external() && !need.neededBy().isEmpty())) {
                return taken(need, listener, local);
            }
        }
        if (own.isPresent() && local.contains(own.get())) {
            for (Listener listener : local) {
                if (!reached.contains(listener)
                        && !sameProgram(listener, own.get())
                        && !isRightful(listener, need, before, belonging)
                        && !isApps(listener, belonging)) {
                    other = other.or(() -> Optional.of(listener));
                }
            }
        }
        if (other.isPresent()) {
            return taken(need, other.get(), local);
        }
        if (own.isEmpty() && serves && (!need.external() || !before.isEmpty())) {
            return lost(need);
        }
        return new PortVerdict(Kind.WELL, "", own.map(PortVerdict::program).orElse(""), Map.of());
    }

    /** Who cannot be seen gets the benefit of the doubt, unless it is certainly not ours. */
    private static boolean isRightful(Listener listener, PortNeed need, String before, Belonging belonging) {
        if (listener.holders().isEmpty()) {
            int us = Users.effectiveUser();
            return need.external() || us == 0 || listener.uid().orElse(us) == us;
        }
        if (need.external()) {
            return need.process().isPresent()
                    ? ExternalLook.isCalled(listener, need.process().get())
                    : before.isEmpty() || ExternalLook.isCalled(listener, before);
        }
        for (ProcessFacts holder : listener.holders()) {
            if (holder.pid() == ProcessHandle.current().pid()
                    || belonging.app(holder.pid()).filter(need.name()::equals).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** Another app of ours: the user has given it that address. */
    private static boolean isApps(Listener listener, Belonging belonging) {
        return listener.holders().stream()
                .anyMatch(holder -> belonging.app(holder.pid()).isPresent());
    }

    private static boolean sameProgram(Listener one, Listener other) {
        return !one.holders().isEmpty() && ExternalLook.isCalled(other, program(one));
    }

    private static String program(Listener listener) {
        return listener.holders().isEmpty() ? "" : listener.holders().getFirst().program();
    }

    private static PortVerdict taken(PortNeed need, Listener by, List<Listener> local) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("port", by.port());
        fields.put("holds", by.place());
        fields.put("family", by.family().name().toLowerCase(java.util.Locale.ROOT));
        String leads = "";
        if (local.size() > 1 && local.contains(by)) {
            fields.put("localhost", local.getFirst().place());
            leads = "; localhost:" + by.port() + " leads to " + local.getFirst().place();
        }
        String remedy = "";
        if (!by.holders().isEmpty()) {
            ProcessFacts holder = by.holders().getFirst();
            fields.put("pid", holder.pid());
            fields.put("process", holder.program());
            fields.put("user", holder.user());
            remedy = ". Stop it: " + Manager.of(holder).stop();
        }
        return new PortVerdict(
                Kind.TAKEN,
                need.name() + " needs " + need.place() + ", and " + by.place() + " is held by " + by.holderWords()
                        + leads + remedy,
                "",
                fields);
    }

    private static PortVerdict lost(PortNeed need) {
        String place = need.place();
        return new PortVerdict(
                Kind.LOST,
                need.external()
                        ? "nobody listens on " + place + " any more, where " + need.name() + " should be"
                        : need.address().port() == 0
                                ? "the socket " + place + " of " + need.name() + " is gone: bulkhead restart "
                                        + need.name()
                                : "nobody listens on " + place + ", although " + need.name() + " is ready",
                "",
                Map.of("port", need.address().port()));
    }
}
