package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Tells a service manager how its service is doing: one datagram for each message to the socket named by NOTIFY_SOCKET, as in sd_notify(3). Where nobody
 * asked to be told, nothing is sent. Never waits: a manager that does not read loses the message, not us our time.
 */
public final class ServiceNotice {

    /** What systemd tells one process alone (systemd.exec(5), "Environment Variables in Spawned Processes"): never meant for a child of it. */
    public static final List<String> VARIABLES = List.of(
            "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
            "WATCHDOG_PID",
            "LISTEN_FDS",
            "LISTEN_PID",
            "LISTEN_PIDFDID",
            "LISTEN_FDNAMES",
            "FDSTORE",
            "MAINPID",
            "MANAGERPID",
            "SYSTEMD_EXEC_PID",
            "INVOCATION_ID",
            "JOURNAL_STREAM",
            "MEMORY_PRESSURE_WATCH",
            "MEMORY_PRESSURE_WRITE");

    private static final Native.Call SOCKET = Native.bind("socket", 3);
    private static final Native.Call SENDTO = Native.bind("sendto", 6);
    private static final Native.Call CLOCK_GETTIME = Native.bind("clock_gettime", 2);

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
    private static final int CLOCK_MONOTONIC = 1;
    /** sockaddr_un of unix(7). */
    private static final int LONGEST_NAME = 108;

    private final Optional<byte[]> address;
    private final OptionalLong watchdogMicros;

    private ServiceNotice(Optional<byte[]> address, OptionalLong watchdogMicros) {
        this.address = address;
        this.watchdogMicros = watchdogMicros;
    }

    /** @param environment our own: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are looked at */
    public static ServiceNotice of(Map<String, String> environment) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        boolean usable =
                (socket.startsWith("/") || socket.startsWith("@")) && name.length > 1 && name.length < LONGEST_NAME;
        if (!usable) {
            return new ServiceNotice(Optional.empty(), OptionalLong.empty());
        }
        return new ServiceNotice(Optional.of(name), watchdog(environment));
    }

    private static OptionalLong watchdog(Map<String, String> environment) {
        try {
            String pid = environment.getOrDefault("WATCHDOG_PID", "");
            long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
            boolean ours = pid.isEmpty()
                    || Long.parseLong(pid) == ProcessHandle.current().pid();
            return ours && micros > 0 ? OptionalLong.of(micros) : OptionalLong.empty();
        } catch (NumberFormatException noFigure) {
            return OptionalLong.empty();
        }
    }

    /** Whether anybody wants to be told. */
    public boolean wanted() {
        return address.isPresent();
    }

    /** Within which time it wants a sign of life, in microseconds; empty where it wants none. */
    public OptionalLong watchdogMicros() {
        return watchdogMicros;
    }

    /** Serves, from now on or again. */
    public void ready() {
        send("READY=1");
    }

    /** Reads its configuration again, until {@link #ready}. */
    public void reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicros());
    }

    /** Is about to end. */
    public void stopping() {
        send("STOPPING=1");
    }

    /** Lives. */
    public void alive() {
        send("WATCHDOG=1");
    }

    /** In a few words, for people. */
    public void status(String words) {
        send("STATUS=" + words.replace('\n', ' '));
    }

    /** What it does just now goes on for as long again, at the least. */
    public void needs(long micros) {
        send("EXTEND_TIMEOUT_USEC=" + micros);
    }

    private void send(String message) {
        if (address.isEmpty()) {
            return;
        }
        byte[] name = address.get();
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        int fd = SOCKET.quiet(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
        if (fd < 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment to = arena.allocate(2 + LONGEST_NAME, 2);
            to.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, to, ValueLayout.JAVA_BYTE, 2, name.length);
            if (name[0] == '@') {
                to.set(ValueLayout.JAVA_BYTE, 2, (byte)
                        0); // an abstract name begins with a zero and has none at its end
            }
            SENDTO.raw(fd, text.address(), bytes.length, MSG_DONTWAIT_NOSIGNAL, to.address(), 2L + name.length);
        } finally {
            Fd.close(fd);
        }
    }

    private static long monotonicMicros() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            CLOCK_GETTIME.quiet(CLOCK_MONOTONIC, time.address());
            return time.get(ValueLayout.JAVA_LONG, 0) * 1_000_000 + time.get(ValueLayout.JAVA_LONG, 8) / 1_000;
        }
    }
}
