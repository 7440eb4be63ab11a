package io.bulkhead.core;

import org.junit.jupiter.api.Test;

/**
 * Many worlds from many seeds, a million steps or 20 seconds of them. {@code -Dsimulation.steps=N} runs N steps however long it
 * takes, {@code -Dsimulation.seed=S} runs one world of that seed again; a world that breaks a law names its seed and tells its last
 * steps ({@code -Dsimulation.trace=N} of them).
 */
class SimulationTest {

    private static final long STEPS = Long.getLong("simulation.steps", 1_000_000);
    private static final long PATIENCE_NANOS =
            System.getProperty("simulation.steps") == null ? 20_000_000_000L : Long.MAX_VALUE;
    private static final int STEPS_A_WORLD = Integer.getInteger("simulation.world", 4000);

    @Test
    void everyLawHoldsInEveryWorld() {
        Long one = Long.getLong("simulation.seed");
        if (one != null) {
            world(one);
            return;
        }
        long began = System.nanoTime();
        long seed = began & 0xffff_ffff_ffffL;
        long steps = 0;
        while (steps < STEPS && System.nanoTime() - began < PATIENCE_NANOS) {
            world(seed++);
            steps += STEPS_A_WORLD;
        }
        System.out.println("simulation: " + steps + " steps, " + (System.nanoTime() - began) / 1_000_000 + " ms");
    }

    private static void world(long seed) {
        Simulation world = new Simulation(seed);
        try {
            for (int i = 0; i < STEPS_A_WORLD; i++) {
                world.step();
            }
        } catch (RuntimeException | AssertionError e) {
            StringBuilder story = new StringBuilder();
            for (String line : world.trace()) {
                story.append('\n').append(line.length() > 400 ? line.substring(0, 400) + "…" : line);
            }
            throw new AssertionError(
                    "a law is broken in step " + world.steps + " of the world of seed " + seed
                            + "; again: mvn test -Dtest=SimulationTest -Dsimulation.seed=" + seed + "\nlast steps:"
                            + story
                            + "\n" + e,
                    e);
        }
    }
}
