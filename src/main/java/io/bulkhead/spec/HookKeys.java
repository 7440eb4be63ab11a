package io.bulkhead.spec;

import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.AppSpec.Hooks;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Commands around starts and stops. */
final class HookKeys {

    private static final Key<Command> ON_OOM = hook("on_oom", "After a kill at the memory limit.");
    private static final Key<Command> ON_DRAIN = hook("on_drain", "When a drain begins.");

    static final Key<Values> HOOKS = Key.of(
            "hooks",
            new Section(
                    "hooks",
                    true,
                    hook("before_rollout", "Once per start, reload, apply or deploy of the app.")
                            .notYet(),
                    hook("pre_start", "Before each process.").notYet(),
                    hook("post_start", "After each process is ready.").notYet(),
                    hook("pre_stop", "Before each stop.").notYet(),
                    hook("post_stop", "After each stop.").notYet(),
                    hook("post_restart", "When any replacement is ready.").notYet(),
                    ON_OOM,
                    ON_DRAIN),
            "Commands run around starts and stops.");
    static final Key<Duration> TIMEOUT = Key.of(
                    "hook_timeout", Durations.type(Duration.ofSeconds(1), Duration.ofDays(1)), "Time a hook may take.")
            .standard("60s");

    private HookKeys() {}

    static Hooks bind(Values app, Scope scope) {
        Map<Hook, Command> commands = new EnumMap<>(Hook.class);
        app.get(HOOKS).ifPresent(hooks -> {
            hooks.get(ON_OOM).ifPresent(command -> commands.put(Hook.ON_OOM, command));
            hooks.get(ON_DRAIN).ifPresent(command -> commands.put(Hook.ON_DRAIN, command));
        });
        return new Hooks(Map.copyOf(commands), app.get(TIMEOUT, scope));
    }

    /** What {@link #bind} reads back. */
    static Map<String, Object> source(Hooks hooks) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (Hook hook : Hook.values()) {
            Command command = hooks.commands().get(hook);
            if (command != null) {
                all.put(key(hook).name(), AppSource.command(command));
            }
        }
        return all;
    }

    private static Key<Command> key(Hook hook) {
        return switch (hook) {
            case ON_OOM -> ON_OOM;
            case ON_DRAIN -> ON_DRAIN;
        };
    }

    private static Key<Command> hook(String name, String doc) {
        return Key.of(name, AppTypes.COMMAND, doc);
    }
}
