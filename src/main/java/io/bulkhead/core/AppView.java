package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.List;

/**
 * One app as status shows it.
 *
 * @param spec in force; a run may still have another while it is being replaced
 * @param reason why it is in this state where its instances cannot say so, else empty
 */
public record AppView(
        String name, AppState state, String reason, AppSpec spec, Origin origin, List<InstanceView> instances) {}
