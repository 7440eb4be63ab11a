package io.bulkhead.story;

import java.util.ArrayList;
import java.util.List;

/** {@code heap-limit}: V8 gave up before the kernel had to. */
final class HeapFull implements Rule {

    private static final String FLAG = "--max-old-space-size";

    @Override
    public List<String> evidence(Death death) {
        for (String line : death.output()) {
            if (line.contains("FATAL ERROR")) {
                return List.of("V8 said: " + line.strip());
            }
        }
        return List.of();
    }

    @Override
    public List<String> advice(Death death) {
        List<String> advice = new ArrayList<>();
        boolean ownFlag = death.app().command().argv().stream().anyMatch(word -> word.contains(FLAG))
                || death.app().environment().getOrDefault("NODE_OPTIONS", "").contains(FLAG);
        if (ownFlag) {
            advice.add("its own " + FLAG
                    + " is lower than what it needs: raise it, or take it out and write `node: {heap: auto}`"
                    + " with a `memory` that fits");
        } else if (death.app().limits().memory().isEmpty()) {
            advice.add("write a `memory` limit and `node: {heap: auto}`: V8's heap then follows from it");
        } else if (!death.app().node().heap()) {
            advice.add("write `node: {heap: auto}`: V8's heap then follows from `memory`");
        } else {
            long limit = death.app().limits().memory().orElseThrow();
            if (death.usual().isPresent()) {
                return List.of(OutOfLimit.fromPeaks(death.usual().get(), limit));
            }
            advice.add("if it really needs more, write `memory: " + OutOfLimit.next(limit) / (1 << 20)
                    + "M`: V8's heap follows from it");
        }
        advice.add("what fills a heap slowly is a leak: look for what it keeps and never gives back");
        return advice;
    }
}
