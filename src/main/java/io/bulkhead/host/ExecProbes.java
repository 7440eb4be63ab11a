package io.bulkhead.host;

import io.bulkhead.core.Words;
import io.bulkhead.spec.AppSpec.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Asks a run by a command ({@code healthcheck: {exec: …}}): one that ends with 0 says that it is well. What it writes to stdout is dropped, or a page fetched every ten
 * seconds would fill the app's log; stderr goes there. On the loop.
 */
final class ExecProbes {

    private final Errands errands;
    /** The errand that runs, by run. */
    private final Map<String, String> running = new HashMap<>();

    private long count;

    ExecProbes(Errands errands) {
        this.errands = errands;
    }

    void ask(LiveRun run, Command command, Duration timeout, Consumer<ProbeAnswer> then) {
        String id = run.id + ".c" + ++count;
        running.put(run.id, id);
        Errands.Order order = new Errands.Order(
                id,
                "[healthcheck] ",
                run.instance,
                run.app,
                withoutOutput(command),
                Map.of("BULKHEAD_PID", Integer.toString(run.pid)),
                timeout);
        String name = name(command);
        errands.start(order, ended -> {
            running.remove(run.id, id);
            then.accept(
                    ended.well()
                            ? ProbeAnswer.well(name + ": exited with code 0 after " + Words.time(ended.millis()))
                            : ProbeAnswer.ill(name + ": " + ended.words()));
        });
    }

    /** The run has ended: nobody wants to know any more. */
    void end(String run) {
        String id = running.remove(run);
        if (id != null) {
            errands.end(id, "ended because the run has");
        }
    }

    private static Command withoutOutput(Command command) {
        List<String> argv = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" >/dev/null", "sh"));
        argv.addAll(command.argv());
        return new Command(List.copyOf(argv), false);
    }

    /** What is run, without what may be secret among its arguments. */
    private static String name(Command command) {
        if (command.shell()) {
            return "the check's command";
        }
        String program = command.argv().getFirst();
        return program.substring(program.lastIndexOf('/') + 1);
    }
}
