package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Listen;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody must listen at an address: an app, or an external.
 *
 * @param name of the app or the external
 * @param neededBy apps, by name
 * @param process what the process of an external is called, where that is written
 */
record PortNeed(String name, boolean external, List<String> neededBy, Listen address, Optional<String> process) {

    /** @param apps all, among them those that depend on it where it is a tunnel */
    static List<PortNeed> of(AppView app, List<AppView> apps) {
        List<String> users = app.spec().tunnel().isPresent() ? dependents(app.name(), apps) : List.of(app.name());
        List<PortNeed> needs = new ArrayList<>();
        for (Listen listen : app.spec().listen()) {
            needs.add(new PortNeed(app.name(), false, users, listen, Optional.empty()));
        }
        return needs;
    }

    /** @param apps all, among them those that depend on it */
    static PortNeed of(External external, List<AppView> apps) {
        return new PortNeed(
                external.name(), true, dependents(external.name(), apps), external.address(), external.process());
    }

    private static List<String> dependents(String name, List<AppView> apps) {
        List<String> users = new ArrayList<>();
        for (AppView app : apps) {
            if (app.spec().dependsOn().contains(name)) {
                users.add(app.name());
            }
        }
        return users;
    }

    static List<PortNeed> of(List<AppView> apps, Map<String, External> externals) {
        List<PortNeed> needs = new ArrayList<>();
        apps.forEach(app -> needs.addAll(of(app, apps)));
        externals.values().forEach(external -> needs.add(of(external, apps)));
        return needs;
    }

    /** {@code 127.0.0.1:3000}, {@code port 3000} or a path. */
    String place() {
        return (address.port() != 0 && address.host().isEmpty() ? "port " : "") + address.text();
    }
}
