package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Text;
import io.bulkhead.spec.Scalars.Told;
import io.bulkhead.spec.Scalars.Whole;
import io.bulkhead.spec.Scalars.Word;
import io.bulkhead.spec.Several.Named;
import java.util.Map;

/** What may be said of an external, and what an app may hold of it. */
final class ExternalKeys {

    static final int AUTO = 0;

    static final Key<Listen> ADDRESS = Key.of("address", Listens.ENDPOINT, "Where it is reached.");
    static final Key<String> PROCESS = Key.of("process", new Text("text", 2048), "Name of its process.");
    static final Key<ServiceUrl> URL = Key.of(
            "url",
            new Told<>(
                    "a URL such as postgres://user:password@127.0.0.1:5432/shop",
                    (scalar, scope) -> ServiceUrl.parse(scalar.text()),
                    Json.of("type", "string", "minLength", 1, "maxLength", 2048)),
            "How to ask it, with user and password: postgres, mysql, mariadb or redis.");
    static final Key<Integer> MAX_CONNECTIONS = Key.of(
                    "max_connections",
                    choice("a number or auto", new Whole(1, 1_000_000), new Mapped<>(Word.of("auto"), word -> AUTO)),
                    "Connections it allows; auto: as it says itself.")
            .standard("auto");
    static final Section SECTION =
            new Section("an external", true, ADDRESS, PROCESS, URL, MAX_CONNECTIONS).needing("address");

    /** Of an app. */
    static final Key<Map<String, Integer>> CONNECTIONS = Key.of(
            "connections",
            new Named<>("SERVICE: NUMBER", Names.THING, new Whole(0, 1_000_000), true),
            "Connections it may hold, all instances together.");

    private ExternalKeys() {}
}
