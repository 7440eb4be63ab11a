package io.bulkhead.core;

import org.junit.jupiter.api.Test;

/**
 * A million steps in worlds of random wishes and faults, the same ones each time: the same source gives the same verdict. A world
 * that breaks a law names its seed and tells its last steps. Properties:
 *
 * <ul>
 *   <li>{@code -Dsimulation.seed=S}: one world, that of the seed S, again; {@code random}: a campaign through worlds that nobody
 *       has seen yet
 *   <li>{@code -Dsimulation.steps=N}: so many steps, however long they take
 *   <li>{@code -Dsimulation.world=N}: so many of them in each world (4000)
 *   <li>{@code -Dsimulation.trace=N}: the last N lines of a world that breaks a law (60)
 * </ul>
 */
class SimulationTest {

    /** Of the first world; those that follow count on from it. */
    private static final long FIRST_SEED = 20_261_122;

    private static final long STEPS = Long.getLong("simulation.steps", 1_000_000);
    private static final int STEPS_A_WORLD = Integer.getInteger("simulation.world", 4000);

    @Test
    void everyLawHoldsInEveryWorld() {
        String wished = System.getProperty("simulation.seed", "");
        if (!wished.isEmpty() && !wished.equals("random")) {
            world(Long.parseLong(wished));
            return;
        }
        long began = System.nanoTime();
        long seed = wished.isEmpty() ? FIRST_SEED : began & 0xffff_ffff_ffffL;
        long steps = 0;
        while (steps < STEPS) {
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
