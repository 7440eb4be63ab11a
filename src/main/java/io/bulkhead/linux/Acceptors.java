package io.bulkhead.linux;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether somebody waits for connections on a socket that was handed over. The socket itself cannot tell: it takes connections as soon as it exists. So it
 * is read from what the processes do: the socket is in the set of one of their epolls (tfd lines of /proc/PID/fdinfo, proc(5)), or a thread is in accept, poll or
 * select with it (/proc/PID/task/TID/syscall). A look costs a readlink(2) for each descriptor of each process: for the time of a start.
 */
final class Acceptors {

    /** This host's. */
    static final Acceptors HOST = new Acceptors(Path.of("/proc"));

    private static final int POLLIN = 1;
    private static final int POLLFD = 8;
    private static final int MOST_POLLED = 1024;

    private static final boolean X86 = "amd64".equals(System.getProperty("os.arch"));

    /** asm/unistd_64.h, and asm-generic/unistd.h for every newer architecture. */
    private static final Set<Long> ACCEPT = X86 ? Set.of(43L, 288L) : Set.of(202L, 242L);

    private static final Set<Long> POLL = X86 ? Set.of(7L, 271L) : Set.of(73L);
    private static final Set<Long> SELECT = X86 ? Set.of(23L, 270L) : Set.of(72L);

    /** Where the system call is hidden (Yama) its place in the kernel may still be read: /proc/PID/task/TID/wchan. */
    private static final Set<String> WAITING_PLACES = Set.of(
            "inet_csk_accept",
            "inet_csk_wait_for_connect",
            "__skb_wait_for_more_packets",
            "do_poll",
            "do_sys_poll",
            "poll_schedule_timeout",
            "do_select");

    private final Path proc;

    Acceptors(Path proc) {
        this.proc = proc;
    }

    /**
     * Looks at {@code processes} once.
     *
     * @param sockets their inodes, any of which will do
     */
    Sight waiting(Collection<Integer> processes, Set<Long> sockets) {
        boolean hidden = false;
        for (int pid : processes) {
            Sight sight = waiting(pid, sockets);
            if (sight == Sight.WAITS) {
                return sight;
            }
            hidden |= sight == Sight.HIDDEN;
        }
        return hidden ? Sight.HIDDEN : Sight.NOT_YET;
    }

    private Sight waiting(int pid, Set<Long> sockets) {
        Path process = proc.resolve(Integer.toString(pid));
        List<Integer> held = new ArrayList<>();
        List<String> epolls = new ArrayList<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                String target = target(descriptor);
                if (target.equals("anon_inode:[eventpoll]")) {
                    epolls.add(descriptor.getFileName().toString());
                } else if (socket(target).filter(sockets::contains).isPresent()) {
                    held.add(Integer.parseInt(descriptor.getFileName().toString()));
                }
            }
        } catch (IOException hiddenOrGone) {
            return Files.exists(process) ? Sight.HIDDEN : Sight.NOT_YET;
        }
        for (String epoll : epolls) {
            if (watches(ControlFile.read(process.resolve("fdinfo/" + epoll)).orElse(""), sockets)) {
                return Sight.WAITS;
            }
        }
        return !held.isEmpty() && threadWaits(process, held) ? Sight.WAITS : Sight.NOT_YET;
    }

    /** {@code tfd:  5 events:  19 data:  5  pos:0 ino:a8f1 sdev:8}, numbers in hexadecimal but the first. */
    static boolean watches(String fdinfo, Set<Long> sockets) {
        for (String line : fdinfo.split("\n")) {
            if (line.startsWith("tfd:")
                    && (hex(line, "events:") & POLLIN) != 0
                    && sockets.contains(hex(line, "ino:"))) {
                return true;
            }
        }
        return false;
    }

    private static long hex(String line, String key) {
        int at = line.indexOf(key);
        if (at < 0) {
            return 0;
        }
        String value = line.substring(at + key.length()).strip();
        int end = value.indexOf(' ');
        try {
            return Long.parseUnsignedLong(end < 0 ? value : value.substring(0, end), 16);
        } catch (NumberFormatException otherForm) {
            return 0;
        }
    }

    private static boolean threadWaits(Path process, List<Integer> held) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                if (waits(process, thread, held)) {
                    return true;
                }
            }
        } catch (IOException gone) {
            return false;
        }
        return false;
    }

    private static boolean waits(Path process, Path thread, List<Integer> held) {
        Optional<String> call = ControlFile.read(thread.resolve("syscall"));
        if (call.isEmpty()) {
            return ControlFile.read(thread.resolve("wchan"))
                    .filter(WAITING_PLACES::contains)
                    .isPresent();
        }
        String[] words = call.get().split(" ");
        if (words.length < 4) {
            return false; // "running", or not within a call
        }
        long number = Long.parseLong(words[0]);
        long first = argument(words[1]);
        long second = argument(words[2]);
        if (ACCEPT.contains(number)) {
            return held.contains((int) first);
        }
        if (POLL.contains(number)) {
            return polls(process, first, second, held);
        }
        return SELECT.contains(number) && selects(process, first, second, held);
    }

    private static long argument(String word) {
        return Long.parseUnsignedLong(word.startsWith("0x") ? word.substring(2) : word, 16);
    }

    /** struct pollfd: int fd, short events, short revents. */
    private static boolean polls(Path process, long address, long count, List<Integer> held) {
        ByteBuffer polled = memory(process, address, (int) Math.min(count, MOST_POLLED) * POLLFD);
        while (polled.remaining() >= POLLFD) {
            int fd = polled.getInt();
            boolean reads = (polled.getShort() & POLLIN) != 0;
            polled.getShort();
            if (reads && held.contains(fd)) {
                return true;
            }
        }
        return false;
    }

    /** fd_set: a bit for each descriptor, in words of the machine. */
    private static boolean selects(Path process, long count, long address, List<Integer> held) {
        if (address == 0) {
            return false;
        }
        ByteBuffer set = memory(process, address, (int) (Math.min(count, MOST_POLLED) + 63) / 64 * 8);
        for (int fd : held) {
            if (fd < count && fd / 8 < set.limit() && (set.get(fd / 8) >> fd % 8 & 1) == 1) {
                return true;
            }
        }
        return false;
    }

    private static ByteBuffer memory(Path process, long address, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        try (RandomAccessFile memory =
                new RandomAccessFile(process.resolve("mem").toFile(), "r")) {
            memory.getChannel().read(bytes, address);
        } catch (IOException | IllegalArgumentException notAllowed) {
            return bytes.limit(0);
        }
        return bytes.flip();
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** {@code socket:[4711]}. */
    static Optional<Long> socket(String target) {
        return target.startsWith("socket:[") && target.endsWith("]")
                ? Optional.of(Long.parseLong(target, 8, target.length() - 1, 10))
                : Optional.empty();
    }
}
