package io.bulkhead.core;

import org.junit.jupiter.api.Test;

/**
 * Many worlds from many seeds. {@code -Dsimulation.steps=N} runs longer, {@code -Dsimulation.seed=S} runs one world of that seed (again);
 * a world that breaks a law names its seed.
 */
class SimulationTest {

    private static final long STEPS = Long.getLong("simulation.steps", 300_000);
    private static final int STEPS_A_WORLD = Integer.getInteger("simulation.world", 4000);

    @Test
    void everyLawHoldsInEveryWorld() {
        Long one = Long.getLong("simulation.seed");
        if (one != null) {
            world(one);
            return;
        }
        long first = System.nanoTime();
        for (long done = 0; done < STEPS; done += STEPS_A_WORLD) {
            world(first++);
        }
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
                            + "; again: mvn test -Dtest=SimulationTest -Dsimulation.seed=" + seed + "\nlast steps:" + story
                            + "\n" + e,
                    e);
        }
    }
}
