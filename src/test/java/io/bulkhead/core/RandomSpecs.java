package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import io.bulkhead.spec.Ready;
import io.bulkhead.spec.Spec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Small specifications that differ a little from each other, of the kinds that make trouble for one another. */
final class RandomSpecs {

    static final String[] NAMES = {"db", "cache", "api", "worker", "cron", "job"};

    private static final String[] EVERY = {"* * * * *", "*/2 * * * *", "1-59/3 * * * *", "*/7 * * * *", "30 * * * *"};

    private final Random random;

    RandomSpecs(Random random) {
        this.random = random;
    }

    /** {@code before} with some apps changed, dropped or added. */
    Spec next(Map<String, AppSpec> before) {
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        for (String name : NAMES) {
            AppSpec old = before.get(name);
            int dice = random.nextInt(10);
            if (old != null && dice < 6) {
                apps.put(name, old);
            } else if (dice < 9) {
                apps.put(name, app(name));
            }
        }
        return Apps.spec(apps);
    }

    private void serving(Apps app) {
        switch (random.nextInt(6)) {
            case 0 -> app.ready(new Ready.Listening());
            case 1 -> app.ready(new Ready.Notified());
            default -> {}
        }
        if (random.nextInt(3) == 0) {
            int window = 1 + random.nextInt(3);
            app.health(1 + random.nextInt(window), window, 1000L * random.nextInt(5), 2000L + random.nextInt(20_000));
            if (random.nextInt(3) == 0) {
                app.ready(200L * random.nextInt(10));
            }
            if (random.nextInt(4) == 0) {
                app.reportsUnhealthy();
            }
        }
        if (random.nextBoolean()) {
            app.listen(3000);
        }
    }

    private AppSpec app(String name) {
        Apps app = Apps.app(name)
                .command("v" + random.nextInt(3))
                .instances(1 + random.nextInt(3))
                .priority(100 + random.nextInt(2))
                .ready(random.nextInt(4) == 0 ? 0 : 200L * random.nextInt(10))
                .grace(random.nextInt(4) == 0 ? 0 : 1000L * random.nextInt(8))
                .backoff(
                        50 + random.nextInt(200),
                        1000L * (1 + random.nextInt(30)),
                        1000L * (5 + random.nextInt(60)),
                        random.nextInt(5) == 0 ? 1 + random.nextInt(12) : 0);
        if (random.nextBoolean()) {
            long limit = 64L << (20 + random.nextInt(2));
            app.memory(limit);
            if (random.nextInt(4) > 0) {
                app.drainAt(limit * 8 / 10);
            }
        }
        if (random.nextInt(2) == 0) {
            app.startFirst();
        }
        serving(app);
        for (Hook hook : Hook.values()) {
            if (random.nextInt(8) == 0) {
                app.hook(hook);
            }
        }
        app.watch(random.nextInt(3) * 5000L * random.nextInt(30), random.nextInt(4) > 0);
        if (random.nextInt(6) == 0) {
            app.autostart(false);
        }
        if (random.nextInt(6) == 0) {
            app.maxAge(10_000 + random.nextInt(100_000));
        }
        switch (name) {
            case "api" -> app.needs("db", "cache");
            case "worker" -> app.needs("api");
            // A circle that two files could make together.
            case "db" -> app.needs(random.nextInt(8) == 0 ? "worker" : "an-external");
            case "cron" -> {
                app.restart(random.nextBoolean() ? Policy.NEVER : Policy.ON_FAILURE);
                app.startAt(EVERY[random.nextInt(EVERY.length)], random.nextBoolean());
            }
            case "job" -> app.restart(random.nextBoolean() ? Policy.NEVER : Policy.ON_FAILURE);
            default -> {}
        }
        if (random.nextInt(8) == 0 && !name.equals("cron")) {
            app.restartAt(EVERY[random.nextInt(EVERY.length)]);
        }
        return app.build();
    }
}
