package io.bulkhead.story;

import io.bulkhead.core.Words;
import java.util.ArrayList;
import java.util.List;

/** {@code oom-host}: others had taken the memory, and the victim may be innocent. */
final class OutOfHostMemory implements Rule {

    private static final int MOST_TOLD = 4;
    private static final long MIB = 1 << 20;

    @Override
    public List<String> evidence(Death death) {
        List<String> evidence = new ArrayList<>(KernelWords.of(death));
        List<String> users = new ArrayList<>();
        for (MemoryUser user :
                death.users().subList(0, Math.min(MOST_TOLD, death.users().size()))) {
            users.add(user.words());
        }
        if (!users.isEmpty()) {
            evidence.add("most memory just after: " + String.join(", ", users));
        }
        return evidence;
    }

    @Override
    public List<String> advice(Death death) {
        List<String> advice = new ArrayList<>();
        if (death.app().limits().memory().isEmpty()) {
            advice.add("give " + death.app().name() + " a limit of its own, `memory: …`: it has none");
        }
        for (MemoryUser user : death.users()) {
            if (user.app().isEmpty()) {
                advice.add(user.name() + ", which Bulkhead does not run, used " + Words.bytes(user.bytes())
                        + ": limit it where it is started, or keep that much free for it with `server: {reserve: "
                        + Math.ceilDiv(user.bytes(), MIB) + "M}`");
                break;
            }
            if (!user.limited() && !user.app().equals(death.app().name())) {
                advice.add("write `memory: " + Math.ceilDiv(user.bytes(), 16 * MIB) * 16 + "M` for " + user.app()
                        + ", which has no limit and used " + Words.bytes(user.bytes()));
                break;
            }
        }
        return advice;
    }
}
