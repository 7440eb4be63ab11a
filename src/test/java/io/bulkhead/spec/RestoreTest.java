package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.AppSpec.Backoff;
import io.bulkhead.spec.AppSpec.Checks;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.AppSpec.Hooks;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.AppSpec.Limits;
import io.bulkhead.spec.AppSpec.MemoryWatch;
import io.bulkhead.spec.AppSpec.NodeJs;
import io.bulkhead.spec.AppSpec.Release;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.AppSpec.Restart;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import io.bulkhead.spec.AppSpec.Schedule;
import io.bulkhead.spec.AppSpec.Stop;
import io.bulkhead.spec.Listen.Handover;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whatever an app is, its source restores it. */
class RestoreTest {

    private static final int[] CHARACTERS = ("abc XYZ019 \"'\\\t\n\r/:#-{}[],&*!|>%@`$?=<~.\u0001\u001b\u007f\u0085"
                    + "\u00a0é漢😀\u2028\u2029\ufeff\ufffe\uffff\ud83d\ude00")
            .codePoints()
            .toArray();

    @Test
    void everyAppSurvivesItsSource() {
        for (long seed = 0; seed < 3000; seed++) {
            AppSpec app = AppSource.in(new Arbitrary(new Random(seed)).app());
            AppSpec restored = SpecReader.restore(app.name(), app.source());
            assertThat(restored).as("seed %s: %s", seed, app.source()).isEqualTo(app);
            assertThat(restored.hashCode()).isEqualTo(app.hashCode());
        }
    }

    @Test
    void theOrderInWhichMapsAndSetsWereWrittenIsNoChange() {
        Arbitrary any = new Arbitrary(new Random(1));
        AppSpec app = any.app();
        assertThat(AppSource.in(withEnvironment(app, Map.of("A", "1", "B", "2"))))
                .isEqualTo(AppSource.in(withEnvironment(app, new LinkedHashMap<>(Map.of("B", "2", "A", "1")))));
    }

    private static AppSpec withEnvironment(AppSpec a, Map<String, String> environment) {
        return new AppSpec(
                a.name(),
                a.command(),
                a.workingDir(),
                a.user(),
                a.group(),
                a.umask(),
                a.instances(),
                a.listen(),
                a.limits(),
                a.memoryWatch(),
                a.envFiles(),
                environment,
                a.requiredEnvironment(),
                a.masked(),
                a.dependsOn(),
                a.health(),
                a.ready(),
                a.restart(),
                a.stop(),
                a.replace(),
                a.autostart(),
                a.priority(),
                a.schedule(),
                a.maxAge(),
                a.hooks(),
                a.node(),
                a.connections(),
                a.log(),
                a.checks(),
                a.release(),
                a.tunnel(),
                "");
    }

    private record Arbitrary(Random random) {

        TunnelSpec tunnel() {
            return new TunnelSpec(
                    new TunnelSpec.Forward(
                            random.nextBoolean() ? "127.0.0.1" : "::1", 1 + random.nextInt(65_535), "db", 5432),
                    new TunnelSpec.Via(
                            random.nextBoolean() ? "" : "mira",
                            random.nextBoolean() ? "fd00::7" : "db-server",
                            1 + random.nextInt(65_535)),
                    maybe(this::path),
                    maybe(() -> Duration.ofSeconds(1 + random.nextInt(10_000_000))),
                    maybe(() -> Duration.ofSeconds(1 + random.nextInt(10_000_000))),
                    Duration.ofSeconds(1 + random.nextInt(600)));
        }

        AppSpec app() {
            Optional<Long> memory = maybe(() -> (1L << 20) + random.nextLong(1L << 40));
            Policy policy = Policy.values()[random.nextInt(3)];
            List<Listen> listen = listen();
            Optional<HealthCheck> health = maybe(() -> health(listen));
            Optional<Schedule> schedule = maybe(() -> schedule(policy));
            return new AppSpec(
                    "app-" + random.nextInt(10),
                    command(),
                    path(),
                    maybe(() -> "u" + random.nextInt()),
                    maybe(() -> "" + random.nextInt(100_000)),
                    random.nextInt(01000),
                    random.nextInt(1001),
                    listen,
                    new Limits(
                            memory,
                            memory.isPresent() ? random.nextLong(1L << 30) : 0,
                            memory.map(limit -> random.nextLong(limit)).orElse(0L),
                            maybe(() -> "pool-" + random.nextInt(10)),
                            random.nextBoolean(),
                            maybe(() -> (1 + random.nextInt(8000)) / 1000.0),
                            maybeInt(1, 4_000_000),
                            maybeInt(16, 1_000_000),
                            maybeInt(0, 1000)),
                    memory.map(limit ->
                            new MemoryWatch(maybe(() -> 1 + random.nextLong(limit)), random.nextInt(201) / 2.0)),
                    list(this::path),
                    environment(),
                    names(),
                    names(),
                    List.copyOf(names()),
                    health,
                    ready(listen, health),
                    new Restart(
                            policy,
                            Set.of(random.nextInt(100), 100 + random.nextInt(100)),
                            new Backoff(
                                    Duration.ofMillis(1 + random.nextInt(1000)),
                                    Duration.ofMillis(1001 + random.nextInt(10_000_000)),
                                    Duration.ofMillis(1 + random.nextInt(10_000_000)),
                                    random.nextInt(100))),
                    new Stop(
                            1 + random.nextInt(64) % 31,
                            random.nextBoolean(),
                            Duration.ofMillis(random.nextInt(10_000_000))),
                    Replace.values()[random.nextInt(2)],
                    random.nextBoolean(),
                    random.nextInt(10_000),
                    schedule,
                    maybe(() -> Duration.ofMillis(1000 + random.nextInt(1_000_000_000))),
                    hooks(),
                    new NodeJs(random.nextBoolean(), random.nextBoolean(), random.nextBoolean()),
                    random.nextBoolean() ? Map.of() : Map.of("db", random.nextInt(100), "cache", 3),
                    new LogSpec(
                            65_536 + random.nextLong(1L << 35),
                            random.nextInt(1000),
                            random.nextBoolean(),
                            random.nextBoolean(),
                            random.nextBoolean(),
                            maybe(this::path)),
                    new Checks(
                            maybe(() -> ">=" + random.nextInt(30)),
                            list(this::path),
                            list(this::path),
                            maybe(() -> random.nextLong(1L << 40)),
                            maybe(random::nextBoolean),
                            maybe(random::nextBoolean),
                            maybe(() -> random.nextLong(1L << 40))),
                    new Release(Duration.ofMillis(random.nextInt(86_400_000)), random.nextBoolean()),
                    maybe(this::tunnel),
                    "");
        }

        private List<Listen> listen() {
            List<Listen> all = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                String host = random.nextBoolean() ? "" : random.nextBoolean() ? "::1" : "127.0.0.1";
                Handover handover = Handover.values()[random.nextInt(3)];
                all.add(
                        random.nextBoolean()
                                ? new Listen("", 0, "/run/" + i + ".sock", handover)
                                : new Listen(host, 3000 + i, "", handover));
            }
            return List.copyOf(all);
        }

        private HealthCheck health(List<Listen> listen) {
            Probe probe = switch (random.nextInt(3)) {
                case 0 ->
                    new Probe.Http(
                            listen.isEmpty() ? "http://[::1]:80/x?y=" + random.nextInt() : "/a/" + random.nextInt(),
                            100 + random.nextInt(200),
                            300 + random.nextInt(300));
                case 1 -> new Probe.Tcp(new Listen("db.example", 5432, "", Handover.AUTO));
                default -> new Probe.Exec(command());
            };
            int window = 1 + random.nextInt(100);
            return new HealthCheck(
                    probe,
                    Duration.ofMillis(1 + random.nextInt(10_000_000)),
                    Duration.ofMillis(1 + random.nextInt(10_000_000)),
                    1 + random.nextInt(window),
                    window,
                    Duration.ofMillis(random.nextInt(10_000_000)),
                    Duration.ofMillis(1 + random.nextInt(10_000_000)),
                    random.nextBoolean());
        }

        private Ready ready(List<Listen> listen, Optional<HealthCheck> health) {
            return switch (random.nextInt(5)) {
                case 0 -> listen.isEmpty() ? new Ready.Messaged() : new Ready.Listening();
                case 1 -> health.isEmpty() ? new Ready.Notified() : new Ready.Healthy();
                case 2 -> new Ready.Notified();
                case 3 -> new Ready.Messaged();
                default -> new Ready.After(Duration.ofMillis(random.nextInt(3_600_000)));
            };
        }

        private Hooks hooks() {
            Map<Hook, Command> commands = new EnumMap<>(Hook.class);
            for (Hook hook : Hook.values()) {
                maybe(this::command).ifPresent(command -> commands.put(hook, command));
            }
            return new Hooks(Map.copyOf(commands), Duration.ofSeconds(1 + random.nextInt(86_400)));
        }

        private Command command() {
            if (random.nextInt(4) == 0) {
                return new Command(List.of("/bin/sh", "-c", text(1)), true);
            }
            List<String> argv = new ArrayList<>();
            argv.add(text(1));
            argv.addAll(list(() -> text(0)));
            return new Command(List.copyOf(argv), false);
        }

        private Schedule schedule(Policy policy) {
            ZoneId zone = ZoneId.of(random.nextBoolean() ? "Europe/Berlin" : "+05:30");
            Cron cron = new Cron(random.nextBoolean() ? "@daily" : "*/5 0-3 1,2 * mon", zone);
            return policy == Policy.ALWAYS
                    ? new Schedule.RestartAt(cron)
                    : new Schedule.StartAt(cron, random.nextBoolean());
        }

        private Path path() {
            return Path.of("/" + text(1)).normalize();
        }

        private Map<String, String> environment() {
            Map<String, String> all = new LinkedHashMap<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                all.put(name(), text(0));
            }
            return all;
        }

        private Set<String> names() {
            return new LinkedHashSet<>(list(this::name));
        }

        private String name() {
            return random.nextInt(3) == 0 ? "my." + random.nextInt(10) : "N" + "x".repeat(random.nextInt(200));
        }

        private String text(int least) {
            StringBuilder text = new StringBuilder();
            for (int i = least + random.nextInt(12); i > 0; i--) {
                text.appendCodePoint(CHARACTERS[random.nextInt(CHARACTERS.length)]);
            }
            return random.nextInt(20) == 0 ? text + "long ".repeat(400) : text.toString();
        }

        private <T> List<T> list(Supplier<T> one) {
            List<T> all = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                all.add(one.get());
            }
            return List.copyOf(all);
        }

        private <T> Optional<T> maybe(Supplier<T> one) {
            return random.nextBoolean() ? Optional.of(one.get()) : Optional.empty();
        }

        private OptionalInt maybeInt(int least, int most) {
            return random.nextBoolean() ? OptionalInt.of(random.nextInt(least, most)) : OptionalInt.empty();
        }
    }
}
