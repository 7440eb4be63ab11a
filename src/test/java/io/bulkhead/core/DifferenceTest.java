package io.bulkhead.core;

import static io.bulkhead.core.Apps.app;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Difference.Known;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.LogSpec;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DifferenceTest {

    private final Map<String, Known> known = new LinkedHashMap<>();

    private void knows(Apps app, Origin origin) {
        AppSpec spec = app.build();
        known.put(spec.name(), new Known(spec, origin));
    }

    private Difference apply(Apps... apps) {
        return Difference.between(known, Apps.spec(apps), Origin.FILE, Optional.empty());
    }

    @Test
    void sortsAppsIntoAddedChangedRemovedAndUnchanged() {
        knows(app("gone"), Origin.FILE);
        knows(app("same"), Origin.FILE);
        knows(app("other"), Origin.FILE);
        assertThat(apply(app("same"), app("other").command("new").priority(7), app("fresh"))
                        .changes())
                .satisfiesExactly(
                        change -> assertThat(change)
                                .isEqualTo(new Difference.Removed(app("gone").build())),
                        change -> assertThat(change).isInstanceOf(Difference.Unchanged.class),
                        change -> {
                            Difference.Changed changed = (Difference.Changed) change;
                            assertThat(changed.keys()).containsExactly("command", "priority");
                            assertThat(changed.newRun()).isTrue();
                        },
                        change -> assertThat(change)
                                .isEqualTo(new Difference.Added(app("fresh").build())));
    }

    @Test
    void appsOfAnotherOriginAreLeftAlone() {
        knows(app("script"), Origin.START);
        assertThat(apply().changes()).isEmpty();
        assertThat(apply(app("script").command("other")).changes())
                .containsExactly(new Difference.Foreign(app("script").build(), Origin.START));
    }

    @Test
    void onlyOneAppIsLookedAtWhenOneIsNamed() {
        knows(app("gone"), Origin.FILE);
        knows(app("web"), Origin.FILE);
        Difference difference = Difference.between(
                known, Apps.spec(app("web").priority(1), app("fresh")), Origin.FILE, Optional.of("web"));
        assertThat(difference.changes()).singleElement().isInstanceOf(Difference.Changed.class);
    }

    @Test
    void limitsAndLogsChangeOnALivingRun() {
        AppSpec before = app("web").build();
        AppSpec next = app("web")
                .memory(1 << 30)
                .log(new LogSpec(1 << 20, 3, false, true, false, Optional.empty()))
                .build();
        assertThat(Difference.needsNewRun(before, next)).isFalse();
        assertThat(Difference.liveKeys(before, next)).containsExactly("memory", "log");
    }

    @Test
    void stderrOfItsOwnNeedsANewRun() {
        AppSpec split = app("web")
                .log(new LogSpec(50L << 20, 10, true, false, true, Optional.empty()))
                .build();
        assertThat(Difference.needsNewRun(app("web").build(), split)).isTrue();
    }

    @Test
    void whatOnlyGuidesDecisionsTouchesNoRun() {
        AppSpec next = app("web")
                .priority(1)
                .backoff(1, 2, 3, 4)
                .grace(1)
                .ready(5)
                .startFirst()
                .maxAge(9)
                .build();
        assertThat(Difference.needsNewRun(app("web").build(), next)).isFalse();
        assertThat(Difference.liveKeys(app("web").build(), next)).isEmpty();
    }

    /** A key that is added to the specification must be given its reach here, or a change of it would go unnoticed. */
    @Test
    void knowsEveryKeyThereIs() {
        assertThat(components(AppSpec.class))
                .containsExactly(
                        "name",
                        "command",
                        "workingDir",
                        "user",
                        "group",
                        "umask",
                        "instances",
                        "listen",
                        "limits",
                        "memoryWatch",
                        "envFiles",
                        "environment",
                        "requiredEnvironment",
                        "masked",
                        "dependsOn",
                        "health",
                        "ready",
                        "restart",
                        "stop",
                        "replace",
                        "autostart",
                        "priority",
                        "schedule",
                        "maxAge",
                        "hooks",
                        "node",
                        "connections",
                        "log",
                        "checks",
                        "release",
                        "tunnel",
                        "source");
        assertThat(components(AppSpec.Limits.class))
                .containsExactly(
                        "memory",
                        "memorySwap",
                        "memoryMin",
                        "pool",
                        "oomKillsAll",
                        "cpu",
                        "pids",
                        "nofile",
                        "oomPriority");
        assertThat(components(AppSpec.MemoryWatch.class)).containsExactly("drainAt", "buffer");
        assertThat(components(AppSpec.Hooks.class)).containsExactly("commands", "timeout");
        assertThat(components(AppSpec.Restart.class)).containsExactly("policy", "successCodes", "backoff");
        assertThat(components(AppSpec.Stop.class)).containsExactly("signal", "toTree", "grace");
    }

    private static java.util.List<String> components(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
    }
}
