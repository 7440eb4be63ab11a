package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignalsTest {

    @Test
    void namesAndNumbersMatch() {
        for (int number = 1; number <= 31; number++) {
            assertThat(Signals.number(Signals.name(number))).hasValue(number);
        }
        assertThat(Signals.name(15)).isEqualTo("SIGTERM");
        assertThat(Signals.name(31)).isEqualTo("SIGSYS");
        assertThat(Signals.number("term")).hasValue(15);
        assertThat(Signals.number("SigUsr2")).hasValue(12);
        assertThat(Signals.number("9")).hasValue(9);
        assertThat(Signals.number("SIGRTMIN+3")).hasValue(37);
        assertThat(Signals.name(37)).isEqualTo("SIGRTMIN+3");
    }

    @Test
    void whatIsNoSignalIsNone() {
        for (String text : new String[] {"", "SIG", "0", "65", "-1", "SIGFOO", "SIGRTMIN+40", "SIGRTMIN+x"}) {
            assertThat(Signals.number(text)).as(text).isEmpty();
        }
    }
}
