package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.NodeJs;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Word;
import java.util.Map;

/** What may be done for a program that is Node. */
final class NodeKeys {

    private static final Key<Boolean> HEAP = Key.of("heap", onOrOff("auto"), "V8's sizes from memory.");
    private static final Key<Boolean> DRAIN =
            Key.of("drain", onOrOff("auto"), "Graceful SIGTERM for http servers and BullMQ workers.");
    private static final Key<Boolean> LEAK_PROFILE =
            Key.of("leak_profile", onOrOff("on-drain"), "A heap profile before a drain.");

    static final Key<NodeJs> NODE = Key.of(
            "node",
            choice(
                    "off or a map of keys",
                    new Mapped<>(Off.TYPE, word -> NodeJs.OFF),
                    new Mapped<>(new Section("node", false, HEAP, DRAIN, LEAK_PROFILE), NodeKeys::bind)),
            "What is done for programs that are Node.");

    private NodeKeys() {}

    private static NodeJs bind(Values values) {
        return new NodeJs(
                values.get(HEAP).orElse(false),
                values.get(DRAIN).orElse(false),
                values.get(LEAK_PROFILE).orElse(false));
    }

    /** What the key reads back. */
    static Map<String, Object> source(NodeJs node) {
        return Json.of(
                HEAP.name(),
                node.heap() ? "auto" : "off",
                DRAIN.name(),
                node.drain() ? "auto" : "off",
                LEAK_PROFILE.name(),
                node.leakProfile() ? "on-drain" : "off");
    }

    private static Type<Boolean> onOrOff(String on) {
        return choice(on + " or off", new Mapped<>(Word.of(on), word -> true), new Mapped<>(Off.TYPE, word -> false));
    }
}
