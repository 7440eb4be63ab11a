package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeHeapTest {

    private static final long MIB = 1 << 20;

    @Test
    void theSizesThatWereMeasured() {
        assertThat(of(128, 80)).isEqualTo(new NodeHeap(96, 1));
        assertThat(of(256, 80)).isEqualTo(new NodeHeap(201, 2));
        assertThat(of(512, 80)).isEqualTo(new NodeHeap(411, 4));
        assertThat(of(1024, 80)).isEqualTo(new NodeHeap(831, 8));
    }

    @Test
    void aHigherMarkMovesV8UpAsFarAsTheKernelLeavesRoom() {
        assertThat(of(512, 90).oldMebibytes()).isGreaterThan(of(512, 80).oldMebibytes());
        assertThat(of(512, 100)).isEqualTo(of(512, 90));
        assertThat(of(512, 50)).as("a lower mark is crossed first anyway").isEqualTo(of(512, 80));
    }

    @Test
    void bothGenerationsFitWithinTheLimit() {
        for (long limit = 64; limit <= 1 << 20; limit += 37) {
            NodeHeap heap = of(limit, 90);
            assertThat(heap.limitBytes()).as("of %s MiB", limit).isBetween(1L, limit * MIB);
        }
    }

    private static NodeHeap of(long mebibytes, int markPercent) {
        return NodeHeap.of(mebibytes * MIB, Optional.of(mebibytes * MIB * markPercent / 100));
    }
}
