package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Where this host lets us make compartments, of which kind, and why of no better one. */
public final class CgroupHost {

    /** From the best to the least. */
    public enum Kind {
        V2,
        V1,
        NONE
    }

    /** What begins with this is a pool: no app's name does. */
    private static final String POOL = "pool:";

    private final Place place;
    private final List<String> reasons;
    private final ProcessTables tables;
    private Map<String, Long> pools = Map.of();

    /** The limit of all that waits until they use less; 0: none does. */
    private long waiting;

    private CgroupHost(Place place, List<String> reasons, Proc proc) {
        this.place = place;
        this.reasons = reasons;
        this.tables = new ProcessTables(proc);
    }

    /**
     * Looks, and changes nothing.
     *
     * @param folder name of the group that will hold all compartments of this daemon, such as {@code bulkhead}
     */
    public static CgroupHost detect(String folder) {
        return detect(Path.of("/"), folder);
    }

    /** A host whose cgroups are left alone, for whatever reason, told to people as {@code reason}. */
    public static CgroupHost none(String reason) {
        return new CgroupHost(new Nowhere(), new ArrayList<>(List.of(reason)), Proc.HOST);
    }

    /** Name of the systemd scope that would hold the group {@code folder}, on a host that systemd rules. */
    public static String scope(String folder) {
        return SystemdScope.name(folder);
    }

    /** @param root {@code /}, or a tree with {@code proc} and {@code sys} that look like a host's */
    static CgroupHost detect(Path root, String folder) {
        CgroupView view = CgroupView.read(root);
        List<String> reasons = new ArrayList<>();
        return new CgroupHost(place(view, folder, reasons), reasons, new Proc(root.resolve("proc")));
    }

    private static Place place(CgroupView view, String folder, List<String> reasons) {
        List<String> without = new ArrayList<>();
        Optional<PlaceV2> unified = PlaceV2.find(view, folder, without);
        Optional<SystemdScope> scope = CgroupMount.unified(view.mounts())
                .filter(mount -> !mount.readOnly())
                .flatMap(mount -> SystemdScope.find(view, mount, folder, reasons));
        if (scope.isPresent()) {
            return new PlaceScope(scope.get(), folder, unified, reasons);
        }
        reasons.addAll(without);
        if (unified.isPresent()) {
            return unified.get();
        }
        Optional<PlaceV1> separate = PlaceV1.find(view, folder, reasons);
        return separate.isPresent() ? separate.get() : new Nowhere();
    }

    public Kind kind() {
        return place.kind();
    }

    /** The folder that holds the compartments, and which limits hold there; for people. */
    public String describe() {
        return place.describe();
    }

    /** Why no better kind is used, one sentence for each that was tried; empty on v2. */
    public List<String> reasons() {
        return List.copyOf(reasons);
    }

    /** Makes the folder and enables what it needs; in a container this first moves every process of its group into a leaf. */
    public void prepare() throws IOException {
        place.prepare();
    }

    /**
     * Puts a limit around all compartments together in force, also for what runs. Where they use more just now it comes with a later {@link #create}.
     *
     * @param bytes of RAM that is not reserved for others
     * @return why it is not in force, one sentence each
     */
    public synchronized List<String> limitAll(long bytes) {
        Optional<Path> folder = place.folder();
        if (folder.isEmpty()) {
            return List.of("memory of all apps together is not limited to " + bytes
                    + " bytes: this host has no control groups for us");
        }
        Optional<String> cannot = OuterLimit.set(kind(), folder.get(), bytes, "all apps together");
        waiting = cannot.isPresent() ? bytes : 0;
        return cannot.map(List::of).orElse(List.of());
    }

    /** What all compartments together hold that cannot be dropped, in bytes; empty without control groups. */
    public OptionalLong held() {
        Optional<String> stat = place.folder().flatMap(folder -> ControlFile.read(folder.resolve("memory.stat")));
        return stat.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        kind() == Kind.V1 ? CgroupV1.unreclaimable(stat.get()) : CgroupV2.unreclaimable(stat.get()));
    }

    /**
     * The pools there are from now on, and their bytes: at once in force for those that have compartments.
     *
     * @return why a limit is not in force, one sentence each
     */
    public synchronized List<String> limitPools(Map<String, Long> wanted) {
        pools = Map.copyOf(wanted);
        List<String> cannot = new ArrayList<>();
        wanted.forEach((pool, bytes) -> group(pool)
                .filter(Files::isDirectory)
                .flatMap(group -> OuterLimit.set(kind(), group, bytes, whose(pool)))
                .ifPresent(cannot::add));
        return cannot;
    }

    private Optional<Path> group(String pool) {
        return place.folder().map(folder -> folder.resolve(POOL + pool));
    }

    private static String whose(String pool) {
        return "the apps of pool " + pool;
    }

    /**
     * A new, empty compartment under its limits. One of the same name that a dead daemon left is replaced when it is empty.
     *
     * @param pool one of {@link #limitPools}, whose group is made with its first compartment
     * @param cannot is given what this host cannot enforce, one sentence each
     * @throws IOException also when processes are still in one of that name
     */
    public synchronized Cgroup create(String name, Optional<String> pool, CompartmentLimits limits, List<String> cannot)
            throws IOException {
        Path below = pool.isPresent() ? Path.of(POOL + pool.get(), name) : Path.of(name);
        Cgroup group = place.open(below, tables);
        List<Integer> left = group.members();
        if (!left.isEmpty()) {
            throw new IOException("compartment " + name + " still holds processes " + left);
        }
        if (!group.destroyStep()) {
            throw new IOException("compartment " + name + " of an earlier run cannot be removed: it is busy");
        }
        place.make(below);
        if (pool.isPresent()) {
            limitPool(pool.get(), cannot);
        }
        if (waiting > 0) {
            cannot.addAll(limitAll(waiting));
        }
        cannot.addAll(group.update(limits));
        return group;
    }

    private void limitPool(String pool, List<String> cannot) {
        Optional<Path> group = group(pool);
        long bytes = pools.getOrDefault(pool, 0L);
        if (group.isEmpty()) {
            cannot.add(whose(pool) + ": the pool's limit of " + bytes
                    + " bytes is not enforced: this host has no control groups for us");
        } else if (bytes > 0) {
            OuterLimit.set(kind(), group.get(), bytes, whose(pool)).ifPresent(cannot::add);
        }
    }

    /**
     * The compartment {@code name} as an earlier daemon left it. {@link Cgroup#update} and, without cgroups, keeper and run must follow.
     *
     * @param recorded its group as {@link Cgroup#group} gave it; empty when there is no record, or was no cgroup
     */
    public Cgroup reopen(String name, Optional<Path> recorded) {
        if (recorded.isPresent() && place.folder().isPresent()) {
            Path group = recorded.get();
            // Where the compartments of another daemon's time lie, wherever they would be made today.
            if (Files.exists(group.resolve("memory.limit_in_bytes"))) {
                Path around = CgroupView.above(group);
                Path below = isPool(around) ? around.getFileName().resolve(name) : Path.of(name);
                return place.open(below, tables);
            }
            return new CgroupV2(group);
        }
        return place.open(Path.of(name), tables);
    }

    /** Names of the compartments that exist in the kernel now; none where it has no cgroup for us. */
    public List<String> existing() {
        List<String> names = new ArrayList<>();
        place.folder().ifPresent(folder -> {
            for (String name : groupsIn(folder)) {
                if (name.startsWith(POOL)) {
                    names.addAll(groupsIn(folder.resolve(name)));
                } else {
                    names.add(name);
                }
            }
        });
        return names;
    }

    /** Removes the groups of pools that hold no compartment any more. */
    public synchronized void removeEmptyPools() throws IOException {
        if (place.folder().isPresent()) {
            for (String name : groupsIn(place.folder().get())) {
                if (name.startsWith(POOL)) {
                    ControlFile.remove(place.folder().get().resolve(name));
                }
            }
        }
    }

    /** Removes the folder where no compartment is left in it. */
    public void remove() throws IOException {
        removeEmptyPools();
        place.remove();
    }

    /** Whether a group is a pool's, and no compartment. */
    static boolean isPool(Path group) {
        Path name = group.getFileName();
        return name != null && name.toString().startsWith(POOL);
    }

    /** Where compartments go. */
    sealed interface Place permits PlaceScope, PlaceV1, PlaceV2, Nowhere {
        Kind kind();

        String describe();

        /** The group around all compartments, in the hierarchy that counts memory; empty without cgroups. */
        Optional<Path> folder();

        void prepare() throws IOException;

        /** @param below relative to the folder: a name, or a pool's and a name */
        void make(Path below) throws IOException;

        Cgroup open(Path below, ProcessTables tables);

        /** False while something is left in it. */
        boolean remove() throws IOException;
    }

    /** No cgroup can be made. */
    record Nowhere() implements Place {
        @Override
        public Kind kind() {
            return Kind.NONE;
        }

        @Override
        public String describe() {
            return "no cgroups: processes are found by session and mark, memory is sampled, not enforced by the kernel";
        }

        @Override
        public Optional<Path> folder() {
            return Optional.empty();
        }

        @Override
        public void prepare() {}

        @Override
        public void make(Path below) {}

        @Override
        public Cgroup open(Path below, ProcessTables tables) {
            return new NoCgroup(below.getFileName().toString(), tables);
        }

        @Override
        public boolean remove() {
            return true;
        }
    }

    /** Groups directly below {@code folder}. */
    static List<String> groupsIn(Path folder) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isDirectory)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException notMade) {
            return List.of();
        }
        return names;
    }
}
