package io.bulkhead.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @Test
    void whatIsWrittenIsReadBackForAnyValue() throws JsonException {
        for (long seed = 0; seed < 20_000; seed++) {
            Object value = value(new Random(seed), 0);
            assertThat(Json.readTrusted(Json.write(value))).as("seed %d", seed).isEqualTo(value);
            assertThat(Json.readTrusted(Json.pretty(value))).as("seed %d", seed).isEqualTo(value);
        }
    }

    @Test
    void writtenTextSurvivesUtf8() throws JsonException {
        String lone = "a\ud800b \udc00 😀 \u2028 \u009b31m \u0000";
        byte[] utf8 = Json.write(lone).getBytes(StandardCharsets.UTF_8);
        assertThat(Json.read(utf8)).isEqualTo(lone);
        assertThat(new String(utf8, StandardCharsets.UTF_8))
                .doesNotContain("\u009b")
                .doesNotContain("\u2028");
    }

    @Test
    void randomTextIsReadOrRefusedButNeverMore() {
        String alphabet = "{}[]\",:truefalsn0123456789.eE+-\\ud \n\t\u0001é";
        int refused = 0;
        for (long seed = 0; seed < 200_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(24); i >= 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                Object value = Json.read(text.toString());
                assertThat(Json.readTrusted(Json.write(value)))
                        .as(text.toString())
                        .isEqualTo(value);
            } catch (JsonException e) {
                refused++;
                assertThat(e.line()).isBetween(1, 26);
                assertThat(e.column()).isBetween(1, 26);
            }
        }
        assertThat(refused).isBetween(100_000, 199_999);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"a": 1,}        | 1 | 9
                    [1 2]            | 1 | 4
                    {"a":1,"a":2}    | 1 | 11
                    01               | 1 | 1
                    1.               | 1 | 3
                    tru              | 1 | 1
                    "\\x"            | 1 | 3
                    "\\u12G4"        | 1 | 6
                    [1] 2            | 1 | 5
                    1e999            | 1 | 6
                    'a'              | 1 | 1
                    """)
    void errorsHaveTheirPlace(String text, int line, int column) {
        assertThatThrownBy(() -> Json.read(text)).isInstanceOfSatisfying(JsonException.class, e -> {
            assertThat(e.line()).isEqualTo(line);
            assertThat(e.column()).as(e.getMessage()).isEqualTo(column);
        });
    }

    @Test
    void theLineOfAnErrorIsCounted() {
        assertThatThrownBy(() -> Json.read("{\n  \"a\": 1,\n  \"b\": x\n}"))
                .hasMessage("unexpected character at line 3, column 8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "{", "[", "\"", "\"a", "{\"a\"", "{\"a\":", "[1,", "nul", "-", "+1", ".5", "\"\t\"", "NaN"
            })
    void anythingUnfinishedOrForeignIsRefused(String text) {
        assertThatThrownBy(() -> Json.read(text)).isInstanceOf(JsonException.class);
    }

    @Test
    void depthAndNumberOfValuesAreBounded() throws JsonException {
        assertThat(Json.read("[".repeat(64) + "]".repeat(64))).isInstanceOf(List.class);
        assertThatThrownBy(() -> Json.read("[".repeat(100_000))).hasMessageContaining("deeper than 64");
        String many = "[" + "[],".repeat(Json.MAX_VALUES) + "1]";
        assertThatThrownBy(() -> Json.read(many)).hasMessageContaining("more than 20000 values");
        assertThat(Json.readTrusted(many)).isInstanceOf(List.class);
        Object deep = "x";
        for (int i = 0; i < 70; i++) {
            deep = List.of(deep);
        }
        Object tooDeep = deep;
        assertThatThrownBy(() -> Json.write(tooDeep)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void invalidUtf8IsRefused() {
        assertThatThrownBy(() -> Json.read(new byte[] {'"', (byte) 0xc3, '"'})).hasMessageContaining("not UTF-8");
    }

    @Test
    void mapsWithoutOrderAreWrittenByKey() {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            map.put("k" + (i * 7919 % 100), 1L);
        }
        assertThat(Json.write(map)).isEqualTo(Json.write(new java.util.TreeMap<>(map)));
        Map<String, Object> ordered = new LinkedHashMap<>();
        ordered.put("z", 1L);
        ordered.put("a", Double.NaN);
        assertThat(Json.write(ordered)).isEqualTo("{\"z\":1,\"a\":null}");
    }

    @Test
    void numbersKeepTheirKind() throws JsonException {
        assertThat(Json.read("[9223372036854775807,-9223372036854775808,9223372036854775808,1.0,-0,1e2]"))
                .isEqualTo(List.of(Long.MAX_VALUE, Long.MIN_VALUE, 9.223372036854775807E18, 1.0, 0L, 100.0));
    }

    private static Object value(Random random, int depth) {
        int kinds = depth > 4 ? 5 : 7;
        return switch (random.nextInt(kinds)) {
            case 0 -> random.nextLong() >> random.nextInt(64);
            case 1 -> random.nextBoolean();
            case 2 -> text(random);
            case 3 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
            case 4 -> null;
            case 5 -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    list.add(value(random, depth + 1));
                }
                yield list;
            }
            default -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    map.put(text(random), value(random, depth + 1));
                }
                yield map;
            }
        };
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> text.append((char) random.nextInt(0x80));
                case 1 -> text.append((char) random.nextInt(0x10000));
                case 2 -> text.appendCodePoint(random.nextInt(0x110000));
                default -> text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }
}
