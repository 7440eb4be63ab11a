package io.bulkhead.linux;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which processes hold which sockets: the links of {@code /proc/PID/fd}. One socket has several holders when it was inherited.
 *
 * @param holders by inode
 * @param closed processes whose descriptors we may not see: they belong to somebody else and we are not root
 */
record SocketHolders(Map<Long, List<Holder>> holders, int closed) {

    /** @param number of one descriptor that is the socket */
    record Holder(int pid, int number) {}

    /** Reads the descriptors of every process, for the sockets {@code wanted}. */
    static SocketHolders of(Set<Long> wanted) {
        return wanted.isEmpty() ? new SocketHolders(Map.of(), 0) : among(Proc.HOST.pids(), wanted);
    }

    /** Reads the descriptors of {@code processes} alone. */
    static SocketHolders among(Collection<Integer> processes, Set<Long> wanted) {
        Map<Long, List<Holder>> holders = new HashMap<>();
        int closed = 0;
        try (DescriptorLinks links = new DescriptorLinks()) {
            for (int pid : processes) {
                boolean seen = links.sockets(pid, (number, inode) -> {
                    if (wanted.contains(inode)) {
                        add(holders.computeIfAbsent(inode, first -> new ArrayList<>(1)), new Holder(pid, number));
                    }
                });
                closed += seen ? 0 : 1;
            }
        }
        return new SocketHolders(holders, closed);
    }

    private static void add(List<Holder> to, Holder one) {
        // The descriptors of a process come one after the other.
        if (to.isEmpty() || to.getLast().pid() != one.pid()) {
            to.add(one);
        }
    }

    /** Who holds {@code inode}, by number alone. */
    List<Integer> of(long inode) {
        List<Integer> pids = new ArrayList<>();
        for (Holder holder : holders.getOrDefault(inode, List.of())) {
            pids.add(holder.pid());
        }
        return pids;
    }

    /** Who holds {@code inode}, as far as it still does when its facts have been read: its number may be another's by now. */
    List<ProcessFacts> of(long inode, Map<Integer, Optional<ProcessFacts>> known) {
        List<ProcessFacts> found = new ArrayList<>();
        for (Holder holder : holders.getOrDefault(inode, List.of())) {
            known.computeIfAbsent(holder.pid(), pid -> facts(holder, inode)).ifPresent(found::add);
        }
        return found;
    }

    private static Optional<ProcessFacts> facts(Holder holder, long inode) {
        Optional<ProcessFacts> facts = ProcessFacts.of(holder.pid());
        try (DescriptorLinks links = new DescriptorLinks()) {
            return facts.filter(read -> links.socket(holder.pid(), holder.number()) == inode);
        }
    }
}
