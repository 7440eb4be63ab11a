package io.bulkhead.story;

import java.util.ArrayList;
import java.util.List;

/** What the kernel's log says of a kill, or why it says nothing. */
final class KernelWords {

    private KernelWords() {}

    static List<String> of(Death death) {
        List<String> words = new ArrayList<>();
        if (!death.victim().isEmpty()) {
            words.add("the kernel chose " + death.victim());
        }
        for (String line : death.kernel()) {
            words.add("kernel: " + line);
        }
        if (death.kernel().isEmpty() && death.exit().kills().any()) {
            words.add(
                    death.kernelLogReadable()
                            ? "the kernel's log has no record of it: it writes ten in five seconds at most"
                            : "the kernel's log cannot be read here: this is from its counters alone");
        }
        return words;
    }
}
