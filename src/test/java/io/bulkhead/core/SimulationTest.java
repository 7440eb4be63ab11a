package io.bulkhead.core;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * 400,000 steps in worlds of random wishes and faults, the same ones each time: the same source gives the same verdict. A world
 * that breaks a law names its seed and tells its last steps. Properties:
 *
 * <ul>
 *   <li>{@code -Dsimulation.seed=S}: one world, that of the seed S, again; {@code random}: a campaign through worlds that nobody
 *       has seen yet
 *   <li>{@code -Dsimulation.steps=N}: so many steps, however long they take
 *   <li>{@code -Dsimulation.world=N}: so many of them in each world (4000)
 *   <li>{@code -Dsimulation.shortworlds=N}: so many of those whose daemon dies at every boundary (4)
 *   <li>{@code -Dsimulation.trace=N}: the last N lines of a world that breaks a law (60)
 * </ul>
 */
class SimulationTest {

    /** Of the first world; those that follow count on from it. */
    private static final long FIRST_SEED = 20_261_122;

    private static final long STEPS = Long.getLong("simulation.steps", 400_000);
    private static final int SHORT_WORLDS = Integer.getInteger("simulation.shortworlds", 4);
    private static final int STEPS_A_SHORT_WORLD = 120;
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
        long events = 0;
        long cpu = ownCpuNanos();
        while (steps < STEPS) {
            events += world(seed++);
            steps += STEPS_A_WORLD;
        }
        System.out.println("simulation: " + steps + " steps, " + events + " events, "
                + (System.nanoTime() - began) / 1_000_000 + " ms, " + (ownCpuNanos() - cpu) / 1_000_000 + " ms of CPU");
    }

    /** Of a few short worlds: every boundary between two effects, one after the other. */
    @Test
    void aDaemonThatDiesBetweenAnyTwoEffectsIsFollowedByOneThatFinishesItsWork() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SHORT_WORLDS; seed++) {
            Simulation whole = new Simulation(seed);
            walk(whole, seed, "", STEPS_A_SHORT_WORLD);
            for (long last = 0; last <= whole.effects; last++) {
                String dies = ", its daemon dead after effect " + last;
                walk(new Simulation(seed, last), seed, dies, STEPS_A_SHORT_WORLD);
            }
        }
    }

    private static long ownCpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long world(long seed) {
        Simulation world = new Simulation(seed);
        walk(world, seed, "", STEPS_A_WORLD);
        return world.events;
    }

    private static void walk(Simulation world, long seed, String which, int steps) {
        try {
            for (int i = 0; i < steps; i++) {
                world.step();
            }
            world.rest();
        } catch (RuntimeException | AssertionError e) {
            StringBuilder story = new StringBuilder();
            for (String line : world.trace()) {
                story.append('\n').append(line.length() > 400 ? line.substring(0, 400) + "…" : line);
            }
            throw new AssertionError(
                    "a law is broken in step " + world.steps + " of the world of seed " + seed + which
                            + "; again: mvn test -Dtest=SimulationTest -Dsimulation.seed=" + seed + "\nlast steps:"
                            + story
                            + "\n" + e,
                    e);
        }
    }
}
