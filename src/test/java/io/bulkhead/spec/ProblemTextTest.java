package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemTextTest {

    @Test
    void aProblemLooksAsACompilerPrintsIt(@TempDir Path folder) {
        Problem problem = Reader.in(folder)
                .read("apps:\n  api:\n    command: x\n    memmory: 1G\n")
                .problems()
                .getFirst();
        assertThat(ProblemText.of(problem).plain().lines().limit(3))
                .containsExactly(
                        folder + "/bulkhead.yaml:4:5: error: unknown key \"memmory\"; did you mean \"memory\"?",
                        "        memmory: 1G",
                        "        ^");
    }

    @Test
    void theCaretStandsBelowThePlaceBehindTabsAndWideCharacters() {
        assertThat(caret("\tab", 3)).isEqualTo("\t ^");
        assertThat(caret("漢字x", 3)).isEqualTo("    ^");
        assertThat(caret("e\u0301x", 3)).isEqualTo(" ^");
        assertThat(caret("😀x", 2)).isEqualTo("  ^");
        assertThat(caret("ab", 9)).isEqualTo("  ^");
    }

    @Test
    void aLongLineIsCutAroundThePlace() {
        ProblemText text = ProblemText.of(problem("a".repeat(1000) + "X" + "b".repeat(1000), 1001));
        String line = text.source().orElseThrow();
        int caret = text.caret().orElseThrow().indexOf('^');
        assertThat(line).hasSizeLessThan(170).startsWith("…").endsWith("…");
        assertThat(line.charAt(caret)).isEqualTo('X');
    }

    @Test
    void aLineCannotSteerTheTerminal() {
        ProblemText text = ProblemText.of(problem("a\u001b[31mb\u202ec\u0085", 1));
        assertThat(text.source().orElseThrow().chars()).noneMatch(c -> c < ' ' || c == 0x202e || c == 0x85);
    }

    @Test
    void aProblemOfAWholeFileHasNoLine() {
        Problem problem =
                new Problem(Problem.Severity.WARNING, "f", 0, 0, "gone", Optional.of("make it"), Optional.empty());
        assertThat(ProblemText.of(problem).plain()).isEqualTo("f: warning: gone\n  hint: make it");
    }

    private static String caret(String line, int column) {
        return ProblemText.of(problem(line, column)).caret().orElseThrow();
    }

    private static Problem problem(String line, int column) {
        return new Problem(Problem.Severity.ERROR, "f", 1, column, "m", Optional.empty(), Optional.of(line));
    }
}
