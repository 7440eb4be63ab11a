package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bulkhead.spec.AppSpec.MemoryWatch;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PeakRecordTest {

    private static final long MIB = 1L << 20;
    private static final long HOUR = 3_600_000;

    private final PeakRecord record = new PeakRecord();

    @Test
    void belowAHundredHoursTheUsualPeakIsTheHighest() {
        for (int hour = 0; hour < 50; hour++) {
            record.add("a", hour * HOUR, 100 * MIB + hour);
            record.add("a", hour * HOUR + 5, 10 * MIB);
        }
        record.add("a", 20 * HOUR, 300 * MIB);
        assertThat(record.hours()).isEqualTo(50);
        assertThat(record.usualPeak()).isEqualTo(300 * MIB);
        assertThat(record.current()).isEqualTo(new PeakRecord.Generation("a", 0, 300 * MIB));
    }

    @Test
    void oneHourInAHundredMayExceedIt() {
        for (int hour = 0; hour < 200; hour++) {
            record.add("a", hour * HOUR, (hour == 100 ? 500 : hour % 24 == 3 ? 200 : 100) * MIB);
        }
        assertThat(record.usualPeak())
                .as("what comes every night counts, an accident does not")
                .isEqualTo(200 * MIB);
        assertThat(record.current().highest()).isEqualTo(500 * MIB);
    }

    @Test
    void tenDaysAreKept() {
        record.add("a", 0, 900 * MIB);
        for (int hour = 1; hour <= 1000; hour++) {
            record.add("a", hour * HOUR, 100 * MIB);
        }
        assertThat(record.hours()).isEqualTo(240);
        assertThat(record.usualPeak()).isEqualTo(100 * MIB);
        assertThat(record.write().length()).isLessThan(4096);
    }

    @Test
    void anotherProgramBeginsAnewAndTheOldPeaksAreKept() {
        for (int n = 0; n < 20; n++) {
            record.add("g" + n, n * HOUR, (100 + n) * MIB);
        }
        assertThat(record.hours()).isEqualTo(1);
        assertThat(record.usualPeak()).isEqualTo(119 * MIB);
        assertThat(record.older()).hasSize(8);
        assertThat(record.older().getFirst()).isEqualTo(new PeakRecord.Generation("g18", 18 * HOUR, 118 * MIB));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        record.add("g0", 5, 7 * MIB);
        for (int hour = 0; hour < 30; hour++) {
            record.add("g1", hour * HOUR, (100 + hour) * MIB);
        }
        assertThat(record.isChanged()).isTrue();
        String text = record.write();
        assertThat(record.isChanged()).isFalse();
        PeakRecord again = PeakRecord.read(text);
        assertThat(again.write()).isEqualTo(text);
        again.add("g1", 29 * HOUR, 500 * MIB);
        assertThat(again.hours()).isEqualTo(30);
        assertThat(again.usualPeak()).isEqualTo(500 * MIB);
        assertThat(PeakRecord.read(new PeakRecord().write()).usualPeak()).isZero();
    }

    @Test
    void damageIsAnErrorAndNothingElse() {
        String text = "";
        record.add("g0", 5, 7 * MIB);
        text = record.write();
        for (int cut = 0; cut < text.length() - 2; cut++) {
            String damaged = text.substring(0, cut) + "x" + text.substring(cut + 1);
            try {
                PeakRecord.read(damaged).add("g", 9 * HOUR, MIB);
            } catch (IllegalArgumentException said) {
                assertThat(said).isNotNull();
            }
        }
        assertThatThrownBy(() -> PeakRecord.read("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aChangeOfTheLimitIsNoOtherProgram() {
        String before = PeakRecord.generation(app("a").memory(5 * MIB).build());
        assertThat(PeakRecord.generation(app("a").memory(9 * MIB).instances(3).build()))
                .isEqualTo(before);
        assertThat(PeakRecord.generation(app("a").command("other").build())).isNotEqualTo(before);
    }

    @Test
    void aClockThatIsSetBackDoesNoHarm() {
        record.add("a", 10 * HOUR, 5 * MIB);
        record.add("a", 2 * HOUR, 9 * MIB);
        assertThat(record.hours()).isEqualTo(1);
        assertThat(record.usualPeak()).isEqualTo(9 * MIB);
    }

    @Test
    void theLimitThatFitsLeavesTheBufferAndThePeakBelowTheMark() {
        Optional<MemoryWatch> off = Optional.of(new MemoryWatch(Optional.empty(), 20));
        assertThat(Headroom.fitting(100 * MIB, 20, off, Optional.of(512 * MIB))).isEqualTo(120 * MIB);
        Optional<MemoryWatch> at80 = Optional.of(new MemoryWatch(Optional.of(400 * MIB), 20));
        assertThat(Headroom.fitting(100 * MIB, 20, at80, Optional.of(500 * MIB)))
                .isEqualTo(125 * MIB);
        assertThat(Headroom.fitting(6 * MIB, 20, off, Optional.of(512 * MIB)))
                .as("room for the program's own files")
                .isEqualTo(48 * MIB);
        assertThat(Headroom.fitting(1000 * MIB, 20, Optional.empty(), Optional.empty()))
                .isEqualTo(1200 * MIB);
        assertThat(Headroom.fitting(1001 * MIB, 20, Optional.empty(), Optional.empty()))
                .isEqualTo(1204 * MIB);
        assertThat(Headroom.percent(100 * MIB, 120 * MIB)).isEqualTo(20);
    }
}
