package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's records of what it killed since the daemon began, read when a death is to be explained: nothing wakes for the kernel's log,
 * which on a server with a firewall can hold several messages a second. What was overwritten before is lost. Any thread.
 */
public final class KernelLog implements AutoCloseable {

    /** Records that nobody asked for, of processes that are not ours: the oldest are forgotten. */
    private static final int MOST_KEPT = 64;

    private final Optional<Kmsg> kmsg;
    private final List<OomKill> kept = new ArrayList<>();
    /** Whether its process ids are ours: they are those of the first pid namespace. */
    private final boolean samePids = Proc.HOST.inFirstPidNamespace();

    private boolean broken;

    private KernelLog(Optional<Kmsg> kmsg) {
        this.kmsg = kmsg;
    }

    /** Where it cannot be read it exists and stays silent. */
    public static KernelLog open() {
        return new KernelLog(Kmsg.open());
    }

    static KernelLog of(Kmsg kmsg) {
        return new KernelLog(Optional.of(kmsg));
    }

    /** Whether the absence of a record means that there was no kill. */
    public synchronized boolean readable() {
        return kmsg.isPresent() && !broken;
    }

    /**
     * Takes out what it says of kills in {@code group} that nobody has asked for yet, oldest first.
     *
     * @param pid a member that died: tells the record where it names no group, or there is none
     */
    public synchronized List<OomKill> take(Cgroup group, int pid) {
        read();
        List<OomKill> found = new ArrayList<>();
        for (Iterator<OomKill> each = kept.iterator(); each.hasNext(); ) {
            OomKill kill = each.next();
            boolean nameless = kill.victimGroup().isEmpty() || group instanceof NoCgroup;
            if (isFolder(kill.victimGroup(), group) || (nameless && samePids && kill.pid() == pid)) {
                found.add(kill);
                each.remove();
            }
        }
        return found;
    }

    /** The victim as we number it; 0 where the kernel's numbers are others. */
    public int ownPid(OomKill kill) {
        return samePids ? kill.pid() : 0;
    }

    /** Whether {@code kill} came from the limit of {@code group} itself. */
    public static boolean ofItsOwnLimit(OomKill kill, Cgroup group) {
        return isFolder(kill.limitGroup(), group);
    }

    /**
     * Whether the kernel means {@code group} by {@code path}, which begins at the root of the first cgroup namespace: seen from another one only the
     * end is the same.
     */
    private static boolean isFolder(String path, Cgroup group) {
        Path folder = switch (group) {
            case CgroupV1 v1 -> v1.memory();
            case CgroupV2 v2 -> v2.group();
            case NoCgroup none -> Path.of("");
        };
        Path parent = folder.getParent();
        return parent != null && path.endsWith("/" + parent.getFileName() + "/" + folder.getFileName());
    }

    private void read() {
        if (kmsg.isEmpty() || broken) {
            return;
        }
        try {
            for (OomKill kill : kmsg.get().oomKills()) {
                keep(kill);
            }
        } catch (IOException unreadable) {
            broken = true;
        }
    }

    private void keep(OomKill kill) {
        for (int i = kept.size() - 1; i >= 0; i--) {
            if (kept.get(i).isAlso(kill)
                    && kept.get(i).victimGroup().isEmpty() != kill.victimGroup().isEmpty()) {
                kept.set(i, kept.get(i).with(kill));
                return;
            }
        }
        kept.add(kill);
        if (kept.size() > MOST_KEPT) {
            kept.removeFirst();
        }
    }

    @Override
    public synchronized void close() {
        broken = true;
        kmsg.ifPresent(Kmsg::close);
    }
}
