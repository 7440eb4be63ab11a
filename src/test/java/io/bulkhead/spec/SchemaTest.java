package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.bulkhead.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** The schema that editors get says the same as the reader, in an independent validator's eyes. */
class SchemaTest {

    /** What JSON Schema cannot say, file by file; the reader refuses these and the schema lets them pass. */
    private static final Map<String, String> BEYOND_A_SCHEMA = Map.ofEntries(
            Map.entry("cycle.yaml", "a circle in depends_on"),
            Map.entry("unknown-dependency.yaml", "a name that is declared nowhere"),
            Map.entry("memory-too-small.yaml", "bounds of a size with a unit"),
            Map.entry("time-too-long.yaml", "bounds of a time with a unit"),
            Map.entry("umask-number.yaml", "YAML reads 0022 and 22 as one number"),
            Map.entry("cron-hour.yaml", "the numbers within a crontab expression"),
            Map.entry("cron-never.yaml", "a date that never comes"),
            Map.entry("timezone.yaml", "the list of time zones"),
            Map.entry("schedule-both.yaml", "restart and start together"),
            Map.entry("schedule-always.yaml", "schedule.start with restart: always"),
            Map.entry("command-pipe.yaml", "shell syntax in a command"),
            Map.entry("command-quote.yaml", "an unclosed quote in a command"),
            Map.entry("swap-alone.yaml", "memory_swap without memory"),
            Map.entry("backoff-order.yaml", "first longer than max"),
            Map.entry("no-command.yaml", "command may come from defaults"),
            Map.entry("two-names.yaml", "memory and mem_limit together"),
            Map.entry("health-http-alone.yaml", "a path without listen"),
            Map.entry("ready-listen-alone.yaml", "ready: listen without listen"),
            Map.entry("listen-twice.yaml", "two forms of one address"),
            Map.entry("listen-five.yaml", "how many addresses are handed over"),
            Map.entry("health-two-ways.yaml", "keys that exclude each other"),
            Map.entry("health-tcp-held.yaml", "a check of a socket that Bulkhead holds"),
            Map.entry("variable.yaml", "a variable without a value"),
            Map.entry("duplicate-key.yaml", "a key twice, which YAML itself forbids"));

    private static final String NOTHING = "\0";
    private static final String NOTHING_IN_JSON = "\"\\u0000\"";

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> readerAndSchemaAgree() throws IOException {
        Schema schema = schema(SchemaWriter.write());
        List<DynamicTest> tests = new ArrayList<>();
        for (String kind : List.of("good", "bad")) {
            try (Stream<Path> files = Files.list(Corpus.folder(kind))) {
                for (Path file : files.sorted().toList()) {
                    String name = file.getFileName().toString();
                    tests.add(
                            DynamicTest.dynamicTest(kind + "/" + name, () -> agree(schema, file, kind.equals("good"))));
                }
            }
        }
        return tests.stream();
    }

    private void agree(Schema schema, Path file, boolean good) throws IOException {
        String name = file.getFileName().toString();
        SpecReader.Reading reading =
                SpecReader.read(file, Optional.empty(), Reader.in(folder).host());
        assertThat(reading.spec().isPresent())
                .as(ProblemText.plain(reading.problems()))
                .isEqualTo(good);
        boolean passes = !BEYOND_A_SCHEMA.containsKey(name) ? good : true;
        List<String> complaints = complaints(schema, Files.readString(file));
        assertThat(complaints.isEmpty()).as("%s: %s", name, complaints).isEqualTo(passes);
    }

    @Test
    void everyExceptionHasItsFile() throws IOException {
        try (Stream<Path> files = Files.list(Corpus.folder("bad"))) {
            Set<String> names = new TreeSet<>();
            files.forEach(file -> names.add(file.getFileName().toString()));
            assertThat(names).containsAll(BEYOND_A_SCHEMA.keySet());
        }
    }

    /** The good and bad values of every key, without a file for each. */
    @TestFactory
    Stream<DynamicTest> readerAndSchemaAgreeOnEveryValue() {
        Schema schema = schema(SchemaWriter.write());
        String[] values = {
            "1",
            "0",
            "-1",
            "1.5",
            "\"1\"",
            "true",
            "false",
            "null",
            "off",
            "\"off\"",
            "text",
            "''",
            "[]",
            "[1]",
            "[text]",
            "['']",
            "[[1]]",
            "{}",
            "{a: 1}",
            "512M",
            "25%",
            "10s",
            "601",
            "600",
            "\"600\"",
            "1h30m",
            "max",
            "always",
            "on-failure:3",
            "on-failure:x",
            "no",
            "never",
            "SIGTERM",
            "sigterm",
            "9",
            "64",
            "65",
            "\"0022\"",
            "\"09\"",
            "start-first",
            "program",
            "{shell: x}",
            "{shell: ''}",
            "[a, b]",
            "{A: 1, B: x, C: null}",
            "{A: []}",
            "[A=1]",
            "[=1]",
            "['A B=1']",
            "{first: 1s}",
            "{first: x}",
            "{keep: 3, split: true}",
            "{keep: -1}",
            "{restart: '@daily'}",
            "{restart: 5}",
            "2000000",
            "1000",
            "1001",
            "/a/path",
            "[0, 255]",
            "[256]",
            "[]",
            "{b: {condition: service_started}}",
            "{b: {condition: x}}",
            "health",
            "1e3",
            "0x10",
            "0o17",
            "2.0",
            "99999999999999999999"
        };
        List<DynamicTest> tests = new ArrayList<>();
        for (Key<?> key : AppKeys.SECTION.keys()) {
            tests.add(DynamicTest.dynamicTest(key.name(), () -> {
                for (String value : values) {
                    String text = "apps:\n  a:\n" + (key == AppKeys.COMMAND ? "" : "    command: run\n") + "    "
                            + key.name() + ": " + value + "\n";
                    agreeOnText(schema, text);
                }
            }));
        }
        return tests.stream();
    }

    private void agreeOnText(Schema schema, String text) {
        SpecReader.Reading reading = Reader.in(folder).read(text);
        List<String> complaints = complaints(schema, text);
        // Sentences of the reader that stand for what JSON Schema cannot say.
        boolean beyond = !reading.failed() ? false : reading.problems().stream().allMatch(SchemaTest::beyondASchema);
        // JSON has one way to write a number: what YAML wrote as 0x10 or 2.0 is lost on a schema.
        boolean notation =
                text.contains("1e3") || text.contains("0x10") || text.contains("0o17") || text.contains("2.0");
        if (beyond || (reading.failed() && notation)) {
            return;
        }
        assertThat(complaints.isEmpty())
                .as("%s\nreader: %s\nschema: %s", text, ProblemText.plain(reading.problems()), complaints)
                .isEqualTo(!reading.failed());
    }

    private static boolean beyondASchema(Problem problem) {
        return Stream.of(
                        "only with \"memory\"",
                        "which is not set",
                        "which are one address",
                        "wants \"http\", \"tcp\" or \"exec\"",
                        "no app, external or tunnel",
                        "wants an octal mask, not the number",
                        "or more",
                        "is above \"memory\"",
                        "of nothing would replace it",
                        "which is no pool",
                        "must be between",
                        "depends on itself")
                .anyMatch(problem.message()::contains);
    }

    @Test
    void withEveryKeyAvailableTheSpecificationsExampleIsValid() throws IOException {
        Schema whole = schema(SchemaWriter.write(true));
        String example = Files.readString(Corpus.folder("good").resolveSibling("whole.yaml"));
        assertThat(complaints(whole, example)).isEmpty();
        assertThat(complaints(whole, example.replace("interval: 10s", "interval: soon")))
                .isNotEmpty();
        assertThat(complaints(schema(SchemaWriter.write()), example)).isNotEmpty();
    }

    @Test
    void ofTheSpecificationsExampleOnlyWhatComesLaterIsRefused() {
        Path example = Corpus.folder("good").resolveSibling("whole.yaml");
        SpecReader.Reading reading =
                SpecReader.read(example, Optional.empty(), Reader.in(folder).host());
        assertThat(reading.problems())
                .hasSize(8)
                .allMatch(problem -> problem.message().endsWith("is not available yet"));
    }

    @Test
    void everyKeyIsDescribedAndEveryDefaultIsRead() {
        Scope scope = new Scope("test", folder, Reader.in(folder).host(), new Problems());
        for (Section section : List.of(AppKeys.SECTION, TopKeys.SECTION, LogKeys.SECTION, Schedules.SECTION)) {
            for (Key<?> key : section.keys()) {
                assertThat(key.doc()).as(key.name()).endsWith(".");
                assertThat(key.standardValue(scope).isPresent())
                        .as(key.name())
                        .isEqualTo(!key.standard().isEmpty());
            }
        }
        assertThat(scope.problems().hasErrors()).isFalse();
    }

    private static Schema schema(String text) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(text, InputFormat.JSON);
    }

    /** By a YAML loader that knows nothing of ours: its values are what an editor's validator would see. */
    private static List<String> complaints(Schema schema, String yaml) {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setAllowDuplicateKeys(true)
                .build();
        String json = Json.write(plain(new Load(settings).loadFromString(yaml))).replace(NOTHING_IN_JSON, "null");
        return schema.validate(json, InputFormat.JSON).stream()
                .map(Object::toString)
                .toList();
    }

    private static Object plain(Object value) {
        return switch (value) {
            case null -> NOTHING;
            case Map<?, ?> map -> {
                Map<String, Object> all = new LinkedHashMap<>();
                map.forEach((key, item) -> all.put(String.valueOf(key), plain(item)));
                yield all;
            }
            case List<?> list -> {
                List<Object> all = new ArrayList<>();
                list.forEach(item -> all.add(plain(item)));
                yield all;
            }
            default -> value;
        };
    }
}
