package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParserTest {

    @Test
    void optionsStandBeforeAndAfterAndInOneWord() throws UsageException {
        Parsed parsed = parse("--home /h logs api -fn 20 --since=1h --grep a=b");
        assertThat(parsed.command().name()).isEqualTo("logs");
        assertThat(parsed.arguments()).containsExactly("api");
        assertThat(parsed.value("home", "")).isEqualTo("/h");
        assertThat(parsed.has("follow")).isTrue();
        assertThat(parsed.number("lines", 50, 0, 100)).isEqualTo(20);
        assertThat(parsed.value("since", "")).isEqualTo("1h");
        assertThat(parsed.value("grep", "")).isEqualTo("a=b");
        assertThat(parse("logs -n20").value("lines", "")).isEqualTo("20");
    }

    @Test
    void afterTwoDashesEverythingIsAnArgument() throws UsageException {
        assertThat(parse("stop -- --all").arguments()).containsExactly("--all");
    }

    @Test
    void aliasesAndVersionAndNothingAreUnderstood() throws UsageException {
        assertThat(parse("ls").command().name()).isEqualTo("status");
        assertThat(parse("down").command().name()).isEqualTo("shutdown");
        assertThat(parse("--version").command().name()).isEqualTo("version");
        assertThat(Parser.parse(new String[0]).command().name()).isEqualTo("help");
        assertThat(parse("stop --help").has("help")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    stauts              | there is no command stauts                    | did you mean status?
                    restrat api         | there is no command restrat                   | did you mean restart?
                    frobnicate          | there is no command frobnicate                | bulkhead help lists them all
                    describe api        | there is no command describe                  | here it is: bulkhead show APP
                    reread              | there is no command reread                    | here it is: bulkhead apply --dry-run
                    update              | there is no command update                    | here it is: bulkhead apply
                    tail -f api         | there is no command tail                      | here it is: bulkhead logs APP
                    logs --folow        | bulkhead logs has no option --folow           | did you mean --follow?
                    logs -x             | bulkhead logs has no option -x                | bulkhead logs --help lists them
                    stop                | bulkhead stop: APP... is missing              | for every app: bulkhead stop all
                    show                | bulkhead show: APP is missing                 | bulkhead show --help
                    status a b          | bulkhead status: one argument too many: b     | bulkhead status --help
                    logs -n             | -n, --lines N: the value is missing           | ''
                    status --json=1     | --json takes no value                         | ''
                    -f x up             | -f is not an option of bulkhead itself        | options of a command stand after it: bulkhead COMMAND --help
                    reload api --x      | bulkhead reload has no option --x             | bulkhead reload --help lists them
                    deploy api --x      | bulkhead deploy is not available yet          | build a release, switch to it, watch it
                    """)
    void mistakesAreNamedWithTheRemedy(String line, String message, String hint) {
        assertThatThrownBy(() -> parse(line)).isInstanceOfSatisfying(UsageException.class, e -> {
            assertThat(e).hasMessage(message);
            assertThat(e.hint()).isEqualTo(hint);
        });
    }

    @Test
    void oneThatMayComeSeveralTimesKeepsAll() throws UsageException {
        assertThat(parse("start api --skip files --skip=disk").value("skip", ""))
                .isEqualTo("files,disk");
        assertThat(parse("logs -n 1 -n 2").value("n", ""))
                .isEqualTo(parse("logs -n 2").value("n", ""));
    }

    @Test
    void numbersHaveBounds() throws UsageException {
        Parsed parsed = parse("logs -n x");
        assertThatThrownBy(() -> parsed.number("lines", 1, 0, 10)).hasMessage("--lines x: write a number from 0 to 10");
    }

    @Test
    void theTableHasNoTwoOfAName() {
        Set<String> names = new HashSet<>();
        for (Command command : Commands.all()) {
            assertThat(names.add(command.name())).as(command.name()).isTrue();
            for (String alias : command.aliases()) {
                assertThat(names.add(alias)).as(alias).isTrue();
            }
            Set<String> options = new HashSet<>();
            for (Option option : command.options()) {
                assertThat(options.add("--" + option.name())).as(command.name()).isTrue();
                assertThat(option.letter().isEmpty() || options.add("-" + option.letter()))
                        .as(command.name())
                        .isTrue();
            }
            for (Option option : Commands.GLOBAL) {
                assertThat(options).doesNotContain("--" + option.name(), "-" + option.letter());
            }
        }
    }

    private static Parsed parse(String line) throws UsageException {
        return Parser.parse(line.split(" "));
    }
}
