package io.bulkhead.host;

import java.nio.file.Path;
import java.util.List;

/**
 * Tells the Node processes of a run that they may accept on the sockets Bulkhead holds ({@code Admit}); the preload passes it on to what they start later. Other programs
 * accept as soon as they run. On the loop; the asking is done elsewhere.
 */
final class Admission {

    private static final long FIRST_GAP_MILLIS = 20;
    private static final long LONGEST_GAP_MILLIS = 1_000;
    private static final long PATIENCE_MILLIS = 2_000;

    private final Loop loop;
    private final NodeProcesses nodes;

    Admission(Loop loop, NodeProcesses nodes) {
        this.loop = loop;
        this.nodes = nodes;
    }

    void admit(LiveRun run) {
        if (!run.home().sockets.isEmpty()) {
            ask(run, FIRST_GAP_MILLIS);
        }
    }

    /**
     * Again and again until all that serve a socket for questions have heard it, and one at least: the run may be admitted before its program has got
     * as far as to listen to us.
     */
    private void ask(LiveRun run, long gap) {
        List<Integer> processes = nodes.of(run);
        Path folder = nodes.folder(run.instance);
        Thread.ofVirtual().name("admit").start(() -> {
            boolean heard = !processes.isEmpty();
            for (int pid : processes) {
                heard &= RunSocket.ask(folder, pid, "accept", PATIENCE_MILLIS).isPresent();
            }
            if (!heard) {
                loop.post(() -> loop.after(gap, () -> askAgain(run, gap)));
            }
        });
    }

    private void askAgain(LiveRun run, long gap) {
        if (run.phase == LiveRun.Phase.ALIVE && nodes.mayServe(run)) {
            ask(run, Math.min(gap * 3 / 2, LONGEST_GAP_MILLIS));
        }
    }
}
