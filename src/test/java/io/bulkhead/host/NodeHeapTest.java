package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NodeHeapTest {

    private static final long MIB = 1 << 20;

    @Test
    void theSizesThatWereMeasured() {
        assertThat(NodeHeap.of(128 * MIB)).isEqualTo(new NodeHeap(108, 1));
        assertThat(NodeHeap.of(200 * MIB)).isEqualTo(new NodeHeap(177, 2));
        assertThat(NodeHeap.of(512 * MIB)).isEqualTo(new NodeHeap(471, 4));
        assertThat(NodeHeap.of(1024 * MIB)).isEqualTo(new NodeHeap(942, 8));
    }

    @Test
    void bothGenerationsFitWithinTheLimit() {
        for (long limit = 32; limit <= 1 << 20; limit += 37) {
            NodeHeap heap = NodeHeap.of(limit * MIB);
            assertThat(heap.limitBytes()).as("of %s MiB", limit).isBetween(1L, limit * MIB);
            assertThat(heap.limitBytes())
                    .as("above the mark of %s MiB, with Node itself", limit)
                    .isGreaterThan((limit * 80 / 100 - 20) * MIB);
        }
    }

    @Test
    void theAppsOwnHeapSizeIsSeenInEitherSpelling() {
        assertThat(NodeLaunch.ownHeap("--max-old-space-size=100 -r x --max_old_space_size=200"))
                .contains("--max-old-space-size=200");
        assertThat(NodeLaunch.ownHeap("--require=x")).isEmpty();
    }
}
