package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EnvFileTest {

    @Test
    void everyFormOfALineIsRead() {
        EnvFile file = EnvFile.parse(".env", """
                # a comment
                A=1
                export B=two words  # a comment
                  C = wrong
                D="x\\n\\"y\\" $A"
                E='single $A \\n'
                F=
                G=a#b
                H="over
                two lines"
                I=" kept " # a comment
                my.var=x=y
                A=last
                J='it
                too'
                """);
        assertThat(file.variables())
                .containsExactly(
                        java.util.Map.entry("B", "two words"),
                        java.util.Map.entry("D", "x\n\"y\" $A"),
                        java.util.Map.entry("E", "single $A \\n"),
                        java.util.Map.entry("F", ""),
                        java.util.Map.entry("G", "a#b"),
                        java.util.Map.entry("H", "over\ntwo lines"),
                        java.util.Map.entry("I", " kept "),
                        java.util.Map.entry("my.var", "x=y"),
                        java.util.Map.entry("A", "last"),
                        java.util.Map.entry("J", "it\ntoo"));
        assertThat(file.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.line()).isEqualTo(4);
            assertThat(problem.column()).isEqualTo(3);
            assertThat(problem.hint()).contains("write no blank before \"=\"");
        });
    }

    @Test
    void everyWrongLineIsReportedWithItsPlace() {
        EnvFile file = EnvFile.parse(".env", "A\n=x\nB=\"x\" y\nC='open\nD=1\n");
        assertThat(file.failed()).isTrue();
        assertThat(file.problems().stream().map(p -> p.line() + ":" + p.column() + " " + p.message()))
                .containsExactly(
                        "1:1 this line has no \"=\"",
                        "2:1 \"\" cannot be the name of a variable",
                        "3:7 something follows the closing quote",
                        "4:3 this quote is not closed");
        assertThat(file.variables()).containsOnlyKeys("D");
    }

    @Test
    void windowsLineEndsAreAWarningAndNoPartOfValues() {
        EnvFile file = EnvFile.parse(".env", "A=1\r\nB=\"x\r\ny\"\r\n");
        assertThat(file.variables()).isEqualTo(java.util.Map.of("A", "1", "B", "x\ny"));
        assertThat(file.failed()).isFalse();
        assertThat(file.problems()).hasSize(1);
    }

    @Test
    void bytesThatAreNoTextHaveAPlace() {
        EnvFile file = EnvFile.parse(".env", new byte[] {'A', '=', '1', '\n', 'B', '=', (byte) 0xff});
        assertThat(file.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.line()).isEqualTo(2);
            assertThat(problem.column()).isEqualTo(3);
        });
        assertThat(EnvFile.parse(".env", new byte[] {'A', '=', 0}).failed()).isTrue();
        byte[] marked = "\ufeffA=1".getBytes(StandardCharsets.UTF_8);
        assertThat(EnvFile.parse(".env", marked).variables()).containsEntry("A", "1");
    }

    @Test
    void noTextMakesItFail() {
        Random random = new Random(5);
        String[] pieces = {"A", "=", "\"", "'", "\n", "\r", " ", "#", "export ", "\\", "$", "é", "\t"};
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(20); n > 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            List<Problem> problems = EnvFile.parse("f", text.toString()).problems();
            assertThat(problems).allMatch(problem -> problem.line() >= 1 && problem.column() >= 1);
        }
    }
}
