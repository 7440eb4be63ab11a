package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OwnMemoryTest {

    private static final List<String> SMAPS = """
            7f00-7f10 r-xp 00001000 fe:00 12                 /opt/x/libjvm.so
            Rss:                  64 kB
            Anonymous:             0 kB
            7f10-7f20 r--p 00002000 fe:00 12                 /opt/x/libjvm.so
            Anonymous:             8 kB
            7f20-7f30 rw-p 00003000 fe:00 12                 /opt/x/libjvm.so
            Anonymous:             0 kB
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]
            Anonymous:             0 kB
            8000-9000 r--p 00000000 00:00 0
            Anonymous:             0 kB
            """.lines().toList();

    @Test
    void onlyLibrariesNobodyMayWriteToAreLetGo() {
        List<OwnMemory.Mapping> mappings = OwnMemory.parse(SMAPS);

        assertThat(mappings).hasSize(5);
        assertThat(mappings.getFirst()).isEqualTo(new OwnMemory.Mapping(0x7f00, 0x7f10, "r-xp", "/opt/x/libjvm.so", 0));
        assertThat(mappings.stream().map(OwnMemory.Mapping::isLibrary))
                .containsExactly(true, true, false, false, false);
        assertThat(mappings.get(1).anonymousKilobytes()).isEqualTo(8);
    }

    @Test
    void whatIsGivenBackComesBack() {
        long before = Proc.HOST.rss((int) ProcessHandle.current().pid()).orElseThrow();
        OwnMemory.giveBack();

        assertThat(before).isPositive();
        // The code of the JVM that runs this was among it.
        assertThat(Proc.HOST.stat((int) ProcessHandle.current().pid())).isPresent();
    }
}
