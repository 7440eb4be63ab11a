package io.bulkhead.linux;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The kernel's word that a file has appeared in a folder (inotify(7)): one descriptor for all folders. Belongs to one thread. */
public final class FolderEvents implements AutoCloseable {

    private static final int MASK = Inotify.IN_CREATE | Inotify.IN_MOVED_TO | Inotify.IN_ONLYDIR;

    /** One folder that is watched, for one listener. */
    public final class Watch implements AutoCloseable {
        private final int number;
        private final Consumer<String> appeared;

        private Watch(int number, Consumer<String> appeared) {
            this.number = number;
            this.appeared = appeared;
        }

        /** No more news from it. Twice is harmless. */
        @Override
        public void close() {
            List<Watch> others = watches.getOrDefault(number, List.of());
            if (others.remove(this) && others.isEmpty()) {
                watches.remove(number);
                inotify.remove(number);
            }
        }
    }

    private final Inotify inotify = new Inotify();
    private final Map<Integer, List<Watch>> watches = new HashMap<>();

    public FolderEvents() throws ErrnoException {}

    /** For {@link Epoll#add}: readable when there is news. */
    public int fd() {
        return inotify.fd();
    }

    /**
     * Watches {@code folder}.
     *
     * @param appeared gets the name of each file that appears in it; the empty text where news was lost: look for yourself
     * @throws ErrnoException it is no folder, or the user has too many watches (sysctl fs.inotify)
     */
    public Watch watch(Path folder, Consumer<String> appeared) throws ErrnoException {
        OptionalInt number = inotify.add(folder, MASK);
        if (number.isEmpty()) {
            throw new ErrnoException("watch " + folder, Native.lastErrno());
        }
        Watch watch = new Watch(number.getAsInt(), appeared);
        watches.computeIfAbsent(watch.number, none -> new CopyOnWriteArrayList<>())
                .add(watch);
        return watch;
    }

    /** Tells the listeners what has appeared, and makes {@link #fd} silent again. Never waits. */
    public void tell() throws ErrnoException {
        inotify.read((number, mask, name) -> {
            if ((mask & Inotify.IN_Q_OVERFLOW) != 0) {
                List.copyOf(watches.values()).forEach(each -> each.forEach(watch -> watch.appeared.accept("")));
            } else if (!name.isEmpty()) {
                watches.getOrDefault(number, List.of()).forEach(watch -> watch.appeared.accept(name));
            }
        });
    }

    @Override
    public void close() {
        inotify.close();
    }
}
