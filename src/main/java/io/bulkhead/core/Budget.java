package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether what apps may use in all fits into the host: every instance at its limit, and the largest second generation that stands beside
 * the first while a start-first app is replaced, must leave the reserve free, or what runs outside of our compartments where that is
 * more. Apps of a pool count with no more than the pool's limit; an app without a limit counts with what it uses now.
 *
 * @param means what there is
 * @param wanted bytes that may be used in all
 * @param lines the sum, written out: one line each
 * @param aboveAll names of apps whose limit alone is more than all of them together may have
 * @param withoutSecond start-first apps whose second generation does not fit beside everything else
 */
public record Budget(Means means, long wanted, List<String> lines, List<String> aboveAll, List<String> withoutSecond) {

    /** The check's name in findings. */
    public static final String CHECK = "memory-budget";

    private static final long MIB = 1L << 20;

    /**
     * What there is, in bytes.
     *
     * @param ram the host's, or what a group around the daemon allows, whichever is less
     * @param reserve what apps together can never take
     * @param outside what runs outside of our compartments uses now
     */
    public record Means(long ram, long reserve, long outside) {

        /** What apps may have in all. */
        public long forApps() {
            return Math.max(0, ram - Math.max(reserve, outside));
        }

        /** The most that apps together could ever be given here: their common parent's limit. */
        long ceiling() {
            return Math.max(0, ram - reserve);
        }
    }

    /**
     * @param apps every app that may run at the same time
     * @param pools bytes of each pool's limit, by name
     * @param use bytes that cannot be dropped which each app uses now, all instances together; an app that does not run may be missing
     */
    public static Budget of(Collection<AppSpec> apps, Map<String, Long> pools, Means means, Map<String, Long> use) {
        return new Adding(pools, means, use).up(apps);
    }

    public boolean isOver() {
        return wanted > means.forApps();
    }

    /** What is wrong, the gravest first; nothing where all is well. */
    public List<Finding> findings(boolean refuse) {
        List<Finding> findings = new ArrayList<>();
        for (String name : aboveAll) {
            findings.add(new Finding(
                    name,
                    CHECK,
                    Finding.Severity.ERROR,
                    "its memory limit alone is more than all apps together can have: "
                            + size(means.ceiling()) + ", which is RAM " + size(means.ram) + " less the reserve of "
                            + size(means.reserve),
                    List.of(),
                    "write a smaller memory, or lower server.reserve"));
        }
        if (isOver()) {
            findings.add(new Finding(
                    "",
                    CHECK,
                    refuse ? Finding.Severity.ERROR : Finding.Severity.WARNING,
                    "the memory limits add up to more than this host has for apps: " + verdict(),
                    lines,
                    "lower memory or instances, put apps that are never busy together into a pool, or get more RAM"
                            + (refuse ? "; --force goes on all the same" : "")));
        }
        for (String name : withoutSecond) {
            findings.add(new Finding(
                    name,
                    CHECK,
                    Finding.Severity.WARNING,
                    "two generations do not fit side by side: it will be replaced stop-first",
                    List.of(),
                    "lower memory somewhere, or write replace: stop-first"));
        }
        return findings;
    }

    /** {@code 1740M of 1638M: 102M too much}, {@code 1024M of 1638M: 614M to spare}. */
    public String verdict() {
        long room = means.forApps();
        // From the rounded figures, so that what a person reads adds up.
        long apart = Math.abs(mib(wanted) - mib(room));
        return size(wanted) + " of " + size(room) + ": " + apart + "M " + (isOver() ? "too much" : "to spare");
    }

    /** One unit for every figure, so that they can be added up by whoever reads them. */
    public static String size(long bytes) {
        return mib(bytes) + "M";
    }

    private static long mib(long bytes) {
        return (bytes + MIB / 2) / MIB;
    }

    /** One sum on its way. */
    private record Adding(Map<String, Long> pools, Means means, Map<String, Long> use, List<String> lines) {

        Adding(Map<String, Long> pools, Means means, Map<String, Long> use) {
            this(pools, means, use, new ArrayList<>());
        }

        /** What the apps of one pool want in all, the pool's limit apart. */
        private record Pooled(List<String> names, long limit, long wanted) {
            long counted() {
                return Math.min(limit, wanted);
            }
        }

        Budget up(Collection<AppSpec> apps) {
            long sum = 0;
            Map<String, Pooled> pooled = new LinkedHashMap<>();
            for (AppSpec app : apps) {
                long all = all(app);
                Optional<String> pool = pool(app);
                lines.add(app.name() + ": " + words(app, all) + (pool.isPresent() ? ", in pool " + pool.get() : ""));
                if (pool.isPresent()) {
                    pooled.merge(
                            pool.get(),
                            new Pooled(List.of(app.name()), pools.getOrDefault(pool.get(), 0L), all),
                            Adding::together);
                } else {
                    sum += all;
                }
            }
            for (Map.Entry<String, Pooled> each : pooled.entrySet()) {
                Pooled pool = each.getValue();
                sum += pool.counted();
                lines.add("pool " + each.getKey() + " (" + String.join(", ", pool.names) + "): "
                        + (pool.wanted > pool.limit ? "no more than " : "at most " + size(pool.limit) + ", wants ")
                        + size(pool.counted()));
            }
            List<String> withoutSecond = new ArrayList<>();
            long overlap = 0;
            String largest = "";
            for (AppSpec app : apps) {
                long second = second(app, pooled);
                if (second > 0 && sum + second > means.forApps()) {
                    withoutSecond.add(app.name());
                }
                if (second > overlap) {
                    overlap = second;
                    largest = app.name();
                }
            }
            if (overlap > 0) {
                lines.add("one more " + largest + " while it is replaced (start-first): " + size(overlap));
            }
            return finish(apps, sum + overlap, withoutSecond);
        }

        private Budget finish(Collection<AppSpec> apps, long wanted, List<String> withoutSecond) {
            long kept = Math.max(means.reserve, means.outside);
            lines.add("RAM " + size(means.ram) + " − " + size(kept) + " = " + size(means.forApps()) + " (reserve "
                    + size(means.reserve)
                    + (means.ram > 0 ? " = " + Math.round(means.reserve * 100.0 / means.ram) + " %" : "")
                    + ", outside now " + size(means.outside) + ": the larger counts)");
            Budget budget = new Budget(means, wanted, List.of(), List.of(), List.of());
            lines.add("= " + budget.verdict());
            return new Budget(means, wanted, List.copyOf(lines), aboveAll(apps), List.copyOf(withoutSecond));
        }

        private List<String> aboveAll(Collection<AppSpec> apps) {
            List<String> above = new ArrayList<>();
            for (AppSpec app : apps) {
                if (app.limits().memory().orElse(0L) > means.ceiling()) {
                    above.add(app.name());
                }
            }
            return above;
        }

        private long all(AppSpec app) {
            Optional<Long> limit = app.limits().memory();
            return limit.isPresent()
                    ? Math.multiplyExact(limit.get(), (long) app.instances())
                    : use.getOrDefault(app.name(), 0L);
        }

        private String words(AppSpec app, long all) {
            Optional<Long> limit = app.limits().memory();
            if (limit.isEmpty()) {
                return use.containsKey(app.name())
                        ? "no limit, counted with what it uses now = " + size(all)
                        : "no limit, and it does not run yet: counted with 0M";
            }
            return app.instances() == 1 ? size(all) : app.instances() + " × " + size(limit.get()) + " = " + size(all);
        }

        private Optional<String> pool(AppSpec app) {
            return app.limits().pool().filter(pools::containsKey);
        }

        private static Pooled together(Pooled a, Pooled b) {
            List<String> names = new ArrayList<>(a.names);
            names.addAll(b.names);
            return new Pooled(names, a.limit, a.wanted + b.wanted);
        }

        /** What a replacement of one instance takes besides; within a pool no more than that has left. */
        private long second(AppSpec app, Map<String, Pooled> pooled) {
            if (app.replace() != Replace.START_FIRST || app.instances() == 0) {
                return 0;
            }
            long one = app.limits().memory().orElse(all(app) / app.instances());
            Optional<String> name = pool(app);
            Pooled pool = name.isPresent() ? pooled.get(name.get()) : null;
            return pool == null ? one : Math.min(one, pool.limit - pool.counted());
        }
    }
}
