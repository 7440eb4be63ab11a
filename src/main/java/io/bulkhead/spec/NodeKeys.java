package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.NodeJs;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Word;
import java.util.Map;
import java.util.Optional;

/** What may be done for a program that is Node. */
final class NodeKeys {

    private static final Key<Boolean> HEAP = Key.of("heap", onOrOff("auto"), "V8's sizes from memory.");
    private static final Key<Boolean> DRAIN =
            Key.of("drain", onOrOff("auto"), "Graceful SIGTERM for http servers and BullMQ workers.");
    private static final Key<Boolean> LEAK_PROFILE =
            Key.of("leak_profile", onOrOff("on-drain"), "A heap profile before a drain.");

    /** @param drain empty where nothing is said of it */
    private record Written(boolean heap, Optional<Boolean> drain, boolean leakProfile) {

        static final Written OFF = new Written(false, Optional.of(false), false);
        static final Written NOTHING = new Written(false, Optional.empty(), false);
    }

    static final Key<Written> NODE = Key.of(
            "node",
            choice(
                    "off or a map of keys",
                    new Mapped<>(Off.TYPE, word -> Written.OFF),
                    new Mapped<>(new Section("node", false, HEAP, DRAIN, LEAK_PROFILE), NodeKeys::written)),
            "What is done for programs that are Node.");

    /** Measured with Node 18 to 24: with less, V8 cannot be kept between the drain mark and the kernel. */
    private static final long LEAST_MEMORY = 96L << 20;

    private NodeKeys() {}

    private static Written written(Values values) {
        return new Written(
                values.get(HEAP).orElse(false),
                values.get(DRAIN),
                values.get(LEAK_PROFILE).orElse(false));
    }

    /** @param served whether Bulkhead may hold its socket: then it drains unless it is told otherwise */
    static NodeJs bind(Values app, boolean served) {
        Written written = app.get(NODE).orElse(Written.NOTHING);
        return new NodeJs(written.heap, written.drain.orElse(served), written.leakProfile);
    }

    /** What must hold between {@code node} and {@code memory}. */
    static void sense(Values app, Optional<Long> memory, Problems problems) {
        if (!app.get(NODE).orElse(Written.NOTHING).heap) {
            return;
        }
        if (memory.isEmpty()) {
            problems.warning(
                    app.place(NODE),
                    "\"heap: auto\" follows \"memory\", which is not set: V8 keeps its own sizes",
                    "write memory as well, such as memory: 512M");
        } else if (memory.get() < LEAST_MEMORY) {
            problems.warning(
                    app.place(NODE),
                    "\"memory\" (" + Sizes.text(memory.get())
                            + ") is too small for \"heap: auto\": Node itself needs about 60M of it, so the"
                            + " kernel may end it before V8 can say why",
                    "give it " + Sizes.text(LEAST_MEMORY) + " or more");
        }
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
