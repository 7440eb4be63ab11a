package io.bulkhead.spec;

import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Text;
import io.bulkhead.spec.Scalars.Word;
import io.bulkhead.spec.Several.Many;
import io.bulkhead.spec.Several.Named;
import java.util.Map;

/** The table of what a file may say outside its apps. */
final class TopKeys {

    private static final Type<String> TEXT = new Text("text", 2048);

    static final Key<Long> POOL_MEMORY =
            Key.of("memory", Sizes.type(MemoryKeys.LEAST, true), "Limit of all its apps together.");
    static final Key<String> ORPHAN_TUNNELS = Key.of(
                    "orphan_tunnels", Word.of("alert", "close"), "What is done to an orphaned ssh on a declared port.")
            .standard("alert");
    static final Key<Values> SERVER_LOG = Key.of("log", LogKeys.SERVER, "How the output of every app is kept.");
    static final Key<Long> RESERVE = Key.of(
                    "reserve", Off.or(Sizes.type(0, true), 0L), "RAM that apps together can never take.")
            .standard("15%");
    static final Key<String> BUDGET = Key.of(
                    "budget", Word.of("warn", "refuse"), "What follows when limits add up to too much.")
            .standard("warn");
    static final Key<Boolean> INHERIT_ENVIRONMENT = Key.of(
                    "inherit_environment", new Flag(), "Whether apps see the daemon's own environment.")
            .standard("false");
    static final Section SERVER_SECTION = new Section(
            "server",
            true,
            RESERVE,
            BUDGET,
            Key.of("web", Listens.ENDPOINT, "Address of dashboard, metrics and health.")
                    .notYet(),
            SERVER_LOG,
            INHERIT_ENVIRONMENT);

    static final Key<Values> SERVER = Key.of("server", SERVER_SECTION, "Settings of Bulkhead itself.");
    static final Key<Values> DEFAULTS = Key.of(
            "defaults", Sections.DEFAULTS, "Any key of an app, applied to every app that does not write it itself.");
    static final Key<Map<String, Values>> APPS = Key.of(
            "apps", new Named<>("NAME: app", Names.APP, AppKeys.SECTION, true), "What to keep running, by name.");
    static final Key<Map<String, Values>> POOLS = Key.of(
            "pools", new Named<>("NAME: pool", Names.THING, Sections.POOL, true), "Compartments around several apps.");
    static final Key<Map<String, Values>> EXTERNALS = Key.of(
            "externals",
            new Named<>("NAME: external", Names.THING, ExternalKeys.SECTION, true),
            "What the apps need and Bulkhead does not run.");
    static final Key<Map<String, Values>> TUNNELS = Key.of(
            "tunnels",
            new Named<>("NAME: tunnel", Names.APP, TunnelKeys.SECTION, true),
            "ssh port forwards, supervised.");
    static final Key<Values> PORT_GUARD =
            Key.of("port_guard", Sections.PORT_GUARD, "What is done about strangers on declared ports.");

    static final Section SECTION = new Section(
                    "a file",
                    false,
                    SERVER,
                    DEFAULTS,
                    POOLS,
                    APPS,
                    EXTERNALS,
                    TUNNELS,
                    PORT_GUARD,
                    Key.of("alerts", new Many<>(Sections.ALERT, false, 0), "Who is told.")
                            .notYet())
            .misplaced(
                    "services",
                    "services are Compose's containers, which Bulkhead does not run: programs go under apps")
            .misplaced(AppKeys.SECTION, "it belongs to an app: write it under apps: NAME:");

    private TopKeys() {}

    private static final class Sections {

        static final Section DEFAULTS =
                new Section("defaults", true, AppKeys.SECTION.keys().toArray(Key<?>[]::new));

        static final Section POOL = new Section("a pool", true, POOL_MEMORY).needing("memory");

        static final Section PORT_GUARD = new Section("port_guard", true, ORPHAN_TUNNELS);

        static final Section ALERT = new Section(
                "an alert",
                false,
                Key.of(
                        "mail",
                        new Section(
                                "mail",
                                false,
                                Key.of("to", new Many<>(TEXT, true, 1), "Who gets it."),
                                Key.of("from", TEXT, "Who it is from."),
                                Key.of("smtp", TEXT, "Server, as smtp://HOST:PORT.")),
                        "A mail."),
                Key.of("webhook", TEXT, "A URL that gets JSON."),
                Key.of("format", Word.of("json", "slack", "discord"), "Form of the webhook's body."),
                Key.of("exec", AppTypes.COMMAND, "A command."));
    }
}
