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

    private static final Map<Hook, Key<Command>> KEYS = new EnumMap<>(Map.of(
            Hook.BEFORE_ROLLOUT, hook(Hook.BEFORE_ROLLOUT, "Once per start, reload, apply or deploy of the app."),
            Hook.PRE_START, hook(Hook.PRE_START, "Before each process."),
            Hook.POST_START, hook(Hook.POST_START, "After each process is ready."),
            Hook.PRE_STOP, hook(Hook.PRE_STOP, "Before each stop."),
            Hook.POST_STOP, hook(Hook.POST_STOP, "After each stop."),
            Hook.POST_RESTART, hook(Hook.POST_RESTART, "When any replacement is ready."),
            Hook.ON_OOM, hook(Hook.ON_OOM, "After a kill at the memory limit."),
            Hook.ON_DRAIN, hook(Hook.ON_DRAIN, "When a drain begins.")));

    static final Key<Values> HOOKS = Key.of(
            "hooks",
            new Section("hooks", true, KEYS.values().toArray(new Key<?>[0])),
            "Commands run around starts and stops.");
    static final Key<Duration> TIMEOUT = Key.of(
                    "hook_timeout", Durations.type(Duration.ofSeconds(1), Duration.ofDays(1)), "Time a hook may take.")
            .standard("60s");

    private HookKeys() {}

    static Hooks bind(Values app, Scope scope) {
        Map<Hook, Command> commands = new EnumMap<>(Hook.class);
        app.get(HOOKS)
                .ifPresent(hooks ->
                        KEYS.forEach((hook, key) -> hooks.get(key).ifPresent(command -> commands.put(hook, command))));
        return new Hooks(Map.copyOf(commands), app.get(TIMEOUT, scope));
    }

    /** What {@link #bind} reads back. */
    static Map<String, Object> source(Hooks hooks) {
        Map<String, Object> all = new LinkedHashMap<>();
        KEYS.forEach((hook, key) -> {
            Command command = hooks.commands().get(hook);
            if (command != null) {
                all.put(key.name(), AppSource.command(command));
            }
        });
        return all;
    }

    private static Key<Command> hook(Hook hook, String doc) {
        return Key.of(hook.word(), AppTypes.COMMAND, doc);
    }
}
