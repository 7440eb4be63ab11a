package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionRangeTest {

    private static final int CASES = 20_000;

    @TempDir
    Path folder;

    private static boolean contains(String range, String version) {
        return VersionRange.parse(range)
                .orElseThrow()
                .contains(Version.parse(version).orElseThrow());
    }

    @Test
    void theFormsOfNpmsGrammar() {
        assertThat(contains(">=20 <25", "20.0.0")).isTrue();
        assertThat(contains(">=20 <25", "24.99.1")).isTrue();
        assertThat(contains(">=20 <25", "25.0.0")).isFalse();
        assertThat(contains("^18.12.0 || >= 20.9.0", "19.0.0")).isFalse();
        assertThat(contains("^18.12.0 || >= 20.9.0", "22.1.0")).isTrue();
        assertThat(contains("^0.2.3", "0.3.0")).isFalse();
        assertThat(contains("~1.2", "1.2.9")).isTrue();
        assertThat(contains("1.2 - 2.3", "2.3.9")).isTrue();
        assertThat(contains("20.x", "20.11.1")).isTrue();
        assertThat(contains("", "1.0.0")).isTrue();
        assertThat(contains(">1", "1.9.9")).isFalse();
        assertThat(contains("^1.2.3-beta.2", "1.2.3-beta.10")).isTrue();
        assertThat(contains("^1.2.3", "1.3.0-beta")).isFalse();
    }

    @Test
    void whatIsNoRange() {
        for (String text :
                List.of("latest", ">=20 <", "20.x.y", "1.2.3.4", "file:../x", "01.2.3", "^", "git+ssh://x")) {
            assertThat(VersionRange.parse(text)).as(text).isEmpty();
        }
        assertThat(Version.parse("20.11")).isEmpty();
        assertThat(Version.parse("9007199254740992.0.0")).isEmpty();
    }

    /** The real one, as npm brings it along: the same answer for ranges made at random. */
    @Test
    void answersAsNodeSemverDoes() throws Exception {
        Path npm = Path.of("/usr/lib/node_modules/npm/node_modules/semver");
        Path debian = Path.of("/usr/share/nodejs/semver");
        Path semver = Files.isDirectory(npm) ? npm : debian;
        Assumptions.assumeTrue(Files.isDirectory(semver), "npm is missing: apt install npm");
        Random random = new Random(20);
        List<String> cases = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            cases.add(range(random) + "\t" + version(random, false));
        }
        Path file = folder.resolve("cases");
        Files.write(file, cases);
        Path answers = folder.resolve("answers");
        Process node = new ProcessBuilder(
                        "node",
                        "-e",
                        "const s=require(process.argv[1]);const out=require('fs').readFileSync(process.argv[2],'utf8').trimEnd().split('\\n')"
                                + ".map(l=>{const [r,v]=l.split('\\t');return s.validRange(r)===null?'none':String(s.satisfies(v,r))});"
                                + "console.log(out.join('\\n'))",
                        semver.toString(),
                        file.toString())
                .redirectOutput(answers.toFile())
                .start();
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        List<String> expected = Files.readAllLines(answers, StandardCharsets.UTF_8);
        assertThat(expected).hasSize(CASES).contains("true", "false", "none");
        for (int i = 0; i < CASES; i++) {
            String[] one = cases.get(i).split("\t", -1);
            String ours = VersionRange.parse(one[0])
                    .map(range ->
                            String.valueOf(range.contains(Version.parse(one[1]).orElseThrow())))
                    .orElse("none");
            assertThat(ours).as("'%s' of %s", one[1], one[0]).isEqualTo(expected.get(i));
        }
    }

    private static String range(Random random) {
        StringBuilder text = new StringBuilder();
        for (int alternatives = 1 + random.nextInt(2); alternatives > 0; alternatives--) {
            if (random.nextInt(6) == 0) {
                text.append(version(random, true)).append(" - ").append(version(random, true));
            } else {
                for (int bounds = random.nextInt(3); bounds >= 0; bounds--) {
                    text.append(pick(random, "", "", "^", "~", ">", ">=", "<", "<=", "=", "~>", "v", "^ ", ">= "))
                            .append(version(random, true))
                            .append(bounds > 0 ? pick(random, " ", "  ") : "");
                }
            }
            text.append(alternatives > 1 ? pick(random, "||", " || ") : "");
        }
        return text.toString();
    }

    private static String version(Random random, boolean open) {
        StringBuilder text = new StringBuilder();
        int parts = open ? 1 + random.nextInt(3) : 3;
        boolean anything = false;
        for (int i = 0; i < parts; i++) {
            anything |= open && random.nextInt(10) == 0;
            text.append(i > 0 ? "." : "").append(anything ? pick(random, "x", "*", "X") : random.nextInt(4));
        }
        if (parts == 3 && random.nextInt(4) == 0) {
            text.append(pick(random, "-0", "-1", "-rc.1", "-rc.2", "-rc", "-alpha.10", "-alpha.9", "-a-b", "+build"));
        }
        return random.nextInt(60) == 0 && open ? text + "!" : text.toString();
    }

    private static String pick(Random random, String... words) {
        return words[random.nextInt(words.length)];
    }
}
