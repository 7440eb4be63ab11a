package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The arithmetic of memory before anything is done: said, refused where that is wished, and never at the cost of what runs. */
class MemoryBudgetIT {

    private static final String SLEEP = "    command: sleep 100000\n";

    /** Leaves apps 5 % of any host. */
    private static String small(String budget, String apps) {
        return "server: {reserve: 95%, budget: " + budget + "}\napps:\n" + apps;
    }

    private static String app(String name, String keys) {
        return "  " + name + ":\n" + SLEEP + keys.indent(4);
    }

    @Test
    void aLimitAboveTheHostsMemory() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", "apps:\n" + app("big", "memory: 90T"));
            assertThat(sandbox.run("check").exits(5).out())
                    .contains("error   big: its memory limit alone is more than all apps together can have");
            assertThat(sandbox.run("up", "-d").exits(5).err())
                    .contains("big: its memory limit alone", "smaller memory");
            assertThat(sandbox.run("status").exits(3).err()).contains("no daemon");
        }
    }

    @Test
    void aSumOverTheBudgetIsAWarningWithTheSum() throws Exception {
        String apps = app("api", "memory: 2%\ninstances: 2") + app("worker", "memory: 3%") + app("free", "");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", small("warn", apps));
            Sandbox.Result check = sandbox.run("check").ok();
            assertThat(check.out())
                    .contains("warning the memory limits add up to more", "too much")
                    .containsPattern("api: 2 × \\d+M = \\d+M")
                    .containsPattern("worker: \\d+M")
                    .contains("free: no limit, and it does not run yet: counted with 0M")
                    .containsPattern("RAM \\d+M − \\d+M = \\d+M \\(reserve \\d+M = 95 %, outside now \\d+M");
            assertThat(sandbox.run("check", "--json").ok().out()).contains("\"memory-budget\"", "\"evidence\"");
            assertThat(sandbox.run("up", "-d").ok().err()).contains("the memory limits add up to more", "too much");
            assertThat(sandbox.state("api")).isEqualTo("up");
            assertThat(sandbox.run("events").ok().out()).contains("the memory limits add up", "too much");
            assertThat(sandbox.run("check").ok().out())
                    .containsPattern("free: no limit, counted with what it uses now = \\d+M");
        }
    }

    @Test
    void whatIsRefusedChangesNothingAndForceIsRecorded() throws Exception {
        String fits = small("refuse", app("api", "memory: 2%"));
        String tooMuch = small("refuse", app("api", "memory: 2%\ninstances: 3") + app("worker", "memory: 1%"));
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", tooMuch);
            assertThat(sandbox.run("up", "-d").exits(5).err()).contains("too much", "--force");
            assertThat(sandbox.run("check").exits(5).out()).contains("error   the memory limits add up");
            sandbox.up(fits);
            long pid = sandbox.pid("api");

            sandbox.write("bulkhead.yaml", tooMuch);
            Sandbox.Result refused = sandbox.run("apply").exits(5);
            assertThat(refused.err()).contains("nothing was changed", "--force").containsPattern("api: 3 × \\d+M");
            assertThat(sandbox.run("apply", "--dry-run").exits(5).err()).contains("too much");
            assertThat(sandbox.pid("api")).isEqualTo(pid);
            assertThat(sandbox.run("status").out()).doesNotContain("worker");

            sandbox.run("apply", "--force").ok();
            assertThat(sandbox.state("worker")).isEqualTo("up");
            assertThat(sandbox.pid("api")).isEqualTo(pid);
            assertThat(sandbox.run("events", "--json").ok().out()).contains("forced_by");

            sandbox.write("bulkhead.yaml", tooMuch.replace("instances: 3", "instances: 3\n    umask: \"0027\""));
            assertThat(sandbox.run("apply").ok().err())
                    .as("it wants no more than what runs already")
                    .contains("too much");
            assertThat(alive(sandbox.pid("worker"))).isTrue();

            sandbox.run("shutdown").ok();
            assertThat(sandbox.run("up", "-d").ok().err())
                    .as("what was accepted before starts again")
                    .contains("too much");
        }
    }

    @Test
    void twoGenerationsThatDoNotFitAreTold() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", small("warn", app("api", "memory: 3%\nreplace: start-first")));
            assertThat(sandbox.run("check").ok().out())
                    .contains("two generations do not fit side by side: it will be replaced stop-first");
        }
    }

    @Test
    void keysThatMakeNoSense() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", "apps:\n" + app("a", "memory: 64M\nmemory_drain: 80M"));
            assertThat(sandbox.run("check").exits(2).all()).contains(":5:19", "above \"memory\" (64M)");
            sandbox.write("bulkhead.yaml", "apps:\n" + app("a", "memory_drain: 80%\nmemory_buffer: 10%"));
            assertThat(sandbox.run("check").ok().out())
                    .contains("\"memory_drain\" has no effect without \"memory\"", ":4:5", ":5:5");
            sandbox.write("bulkhead.yaml", "defaults: {memory_drain: 70%}\napps:\n" + app("a", ""));
            assertThat(sandbox.run("check").ok().out()).doesNotContain("no effect");
            sandbox.write("bulkhead.yaml", "apps:\n  a:\n    command: node server.js\n    memory: 24M\n");
            assertThat(sandbox.run("check").out()).contains("memory 24M is very little for Node");
        }
    }
}
