package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A datagram socket at which programs tell how they are (sd_notify(3)); its path is their NOTIFY_SOCKET. The kernel says who sent a message
 * (SCM_CREDENTIALS, unix(7)): only the owner of the file, and root, may send at all.
 */
public final class NotifySocket implements AutoCloseable {

    private static final Native.Call SOCKET = Native.bind("socket", 3);
    private static final Native.Call BIND = Native.bind("bind", 3);
    private static final Native.Call SETSOCKOPT = Native.bind("setsockopt", 5);
    private static final Native.Call RECVMSG = Native.bind("recvmsg", 3);

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MSG_TRUNC = 0x20;

    /** sun_path of unix(7) with its final NUL. */
    private static final int LONGEST_PATH = 107;

    /** As much as systemd takes (PIPE_BUF). */
    private static final int LONGEST_MESSAGE = 4096;

    /** Room for the credentials and for as many descriptors as one message can bring (SCM_MAX_FD is 253). */
    private static final int CONTROL = 2048;

    /** struct msghdr: name, its length, iovec, their number, control, its length, flags. */
    private static final int MSGHDR = 56;

    /** struct cmsghdr: length with itself, level, type; then the data. */
    private static final int CMSGHDR = 16;

    /**
     * What somebody sent.
     *
     * @param pid of the sender, as we see it; 0: it is out of our sight
     * @param uid of the sender
     * @param text lines such as {@code READY=1}
     */
    public record Message(int pid, int uid, String text) {

        /** The value of the last line {@code name=value}. */
        public Optional<String> value(String name) {
            int at = ("\n" + text).lastIndexOf("\n" + name + "=");
            if (at < 0) {
                return Optional.empty();
            }
            int from = at + name.length() + 1;
            int end = text.indexOf('\n', from);
            return Optional.of(text.substring(from, end < 0 ? text.length() : end));
        }
    }

    private final Path path;
    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment data = arena.allocate(LONGEST_MESSAGE);
    private final MemorySegment control = arena.allocate(CONTROL, 8);
    private final MemorySegment header = arena.allocate(MSGHDR, 8);

    /**
     * Makes one in the place of whatever stands at {@code path}.
     *
     * @param owner who may send besides root; empty: this process's own user
     * @throws IOException the path is longer than 107 bytes, or cannot be written
     */
    public NotifySocket(Path path, Optional<Identity> owner) throws IOException {
        this.path = path;
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_PATH) {
            throw new IOException(path + " is too long a path for a socket: " + name.length + " of at most "
                    + LONGEST_PATH + " bytes; use a shorter BULKHEAD_HOME");
        }
        Files.deleteIfExists(path);
        fd = SOCKET.call("socket", AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
        try (Arena arguments = Arena.ofConfined()) {
            MemorySegment on = arguments.allocateFrom(ValueLayout.JAVA_INT, 1);
            SETSOCKOPT.call("setsockopt SO_PASSCRED", fd, SOL_SOCKET, SO_PASSCRED, on.address(), 4);
            MemorySegment address = arguments.allocate(2L + LONGEST_PATH + 1, 2);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
            BIND.call("bind " + path, fd, address.address(), 2L + name.length + 1);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            if (owner.isPresent()) {
                Fifo.give(path, owner.get().uid(), owner.get().gid());
            }
        } catch (IOException refused) {
            Fd.close(fd);
            arena.close();
            throw refused;
        }
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ValueLayout.JAVA_LONG, 0, data.address());
        vector.set(ValueLayout.JAVA_LONG, 8, LONGEST_MESSAGE);
        header.set(ValueLayout.JAVA_LONG, 16, vector.address());
        header.set(ValueLayout.JAVA_LONG, 24, 1);
        header.set(ValueLayout.JAVA_LONG, 32, control.address());
    }

    public Path path() {
        return path;
    }

    /** For {@link Epoll#add}: readable when there are messages. */
    public int fd() {
        return fd;
    }

    /** At most {@code most} of the messages that have come, oldest first. Never waits. Too long ones and such without a sender are dropped. */
    public List<Message> read(int most) throws ErrnoException {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            header.set(ValueLayout.JAVA_LONG, 40, CONTROL);
            long length = RECVMSG.raw(fd, header.address(), MSG_CMSG_CLOEXEC);
            if (length < 0) {
                if (Native.lastErrno() == Errno.EAGAIN || Native.lastErrno() == Errno.EINTR) {
                    return messages;
                }
                throw new ErrnoException("receive at " + path, Native.lastErrno());
            }
            boolean whole = (header.get(ValueLayout.JAVA_INT, 48) & MSG_TRUNC) == 0;
            String text = new String(data.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            sender(text).filter(message -> whole).ifPresent(messages::add);
        }
        return messages;
    }

    /** Who sent it. Descriptors that came along are closed: that is the answer which BARRIER=1 waits for (sd_notify_barrier(3)). */
    private Optional<Message> sender(String text) {
        Optional<Message> message = Optional.empty();
        long end = header.get(ValueLayout.JAVA_LONG, 40);
        for (long at = 0; at + CMSGHDR <= end; ) {
            long length = control.get(ValueLayout.JAVA_LONG, at);
            if (length < CMSGHDR || at + length > end) {
                break;
            }
            int type = control.get(ValueLayout.JAVA_INT, at + 12);
            if (control.get(ValueLayout.JAVA_INT, at + 8) == SOL_SOCKET && type == SCM_RIGHTS) {
                for (long each = at + CMSGHDR; each + 4 <= at + length; each += 4) {
                    Fd.close(control.get(ValueLayout.JAVA_INT, each));
                }
            } else if (type == SCM_CREDENTIALS && length >= CMSGHDR + 12) {
                message = Optional.of(new Message(
                        control.get(ValueLayout.JAVA_INT, at + CMSGHDR),
                        control.get(ValueLayout.JAVA_INT, at + CMSGHDR + 4),
                        text));
            }
            at += (length + 7) & ~7L;
        }
        return message;
    }

    /** Removes its file: to be done once, by whoever has not put another in its place. */
    public void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException stays) {
            return; // the next one at this path replaces it
        }
    }

    /** Its file stays. */
    @Override
    public void close() {
        Fd.close(fd);
        arena.close();
    }
}
