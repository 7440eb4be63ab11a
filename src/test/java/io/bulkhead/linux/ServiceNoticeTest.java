package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service manager of the test's own hears what is said. */
class ServiceNoticeTest {

    private static final Native.Call SOCKET = Native.bind("socket", 3);
    private static final Native.Call BIND = Native.bind("bind", 3);
    private static final Native.Call RECV = Native.bind("recv", 4);
    private static final int DONTWAIT = 0x40;

    @TempDir
    Path folder;

    private int manager = -1;

    @AfterEach
    void close() {
        if (manager >= 0) {
            Fd.close(manager);
        }
    }

    private ServiceNotice listen(String name, Map<String, String> more) throws ErrnoException {
        manager = SOCKET.call("socket", 1, 2, 0);
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(110, 2);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
            MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, 2, bytes.length);
            if (name.startsWith("@")) {
                address.set(ValueLayout.JAVA_BYTE, 2, (byte) 0);
            }
            BIND.call("bind", manager, address.address(), 2L + bytes.length);
        }
        Map<String, String> environment = new HashMap<>(more);
        environment.put("NOTIFY_SOCKET", name);
        return ServiceNotice.of(environment);
    }

    private String heard() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            int length = RECV.quiet(manager, buffer.address(), 4096, DONTWAIT);
            return length < 0
                    ? "nothing"
                    : new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aFileIsTold() throws ErrnoException {
        says(listen(folder.resolve("notify").toString(), Map.of()));
    }

    @Test
    void anAbstractNameIsTold() throws ErrnoException {
        says(listen("@bulkhead/test/" + folder.getFileName(), Map.of()));
    }

    private void says(ServiceNotice notice) {
        assertThat(notice.wanted()).isTrue();
        notice.ready();
        assertThat(heard()).isEqualTo("READY=1");
        notice.status("3 apps:\n2 up");
        assertThat(heard()).isEqualTo("STATUS=3 apps: 2 up");
        notice.reloading();
        assertThat(heard()).matches("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]+");
        notice.alive();
        assertThat(heard()).isEqualTo("WATCHDOG=1");
        notice.stopping();
        assertThat(heard()).isEqualTo("STOPPING=1");
        notice.needs(5_000_000);
        assertThat(heard()).isEqualTo("EXTEND_TIMEOUT_USEC=5000000");
        assertThat(heard()).isEqualTo("nothing");
    }

    @Test
    void theWatchdogIsForOneProcessAlone() throws ErrnoException {
        String name = folder.resolve("notify").toString();
        String own = Long.toString(ProcessHandle.current().pid());
        assertThat(listen(name, Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", own))
                        .watchdogMicros())
                .hasValue(30_000_000);
        Map<String, String> base = Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", "30000000");
        assertThat(ServiceNotice.of(base).watchdogMicros()).hasValue(30_000_000);
        Map<String, String> others = new HashMap<>(base);
        others.put("WATCHDOG_PID", "1");
        assertThat(ServiceNotice.of(others).watchdogMicros()).isEmpty();
        others.put("WATCHDOG_PID", own);
        others.put("WATCHDOG_USEC", "soon");
        assertThat(ServiceNotice.of(others).watchdogMicros()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "@", "relative/path", "vsock:2:1234"})
    void aNameThatIsNoneOfAUnixSocketIsNotTold(String name) {
        ServiceNotice notice = ServiceNotice.of(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", "1000000"));
        assertThat(notice.wanted()).isFalse();
        assertThat(notice.watchdogMicros()).isEmpty();
        notice.ready();
    }

    @Test
    void aNameWithoutAListenerHarmsNobody() {
        ServiceNotice notice = ServiceNotice.of(
                Map.of("NOTIFY_SOCKET", folder.resolve("nobody").toString()));
        notice.ready();
        assertThat(notice.wanted()).isTrue();
    }
}
