package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.util.Map;

/** Orders the commands under {@code hooks:}. */
final class HookOrder {

    private HookOrder() {}

    /** Runs one that nothing waits for; nothing where the app has none. */
    static void tell(Hook hook, Run run, Map<String, String> facts, Turn turn) {
        if (run.spec.hooks().commands().containsKey(hook)) {
            turn.effects.add(new Effect.RunHook(
                    turn.hookId(),
                    false,
                    hook,
                    run.id,
                    run.instance.id,
                    run.spec,
                    facts,
                    run.spec.hooks().timeout()));
        }
    }
}
