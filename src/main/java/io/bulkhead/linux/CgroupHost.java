package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where this host lets us make compartments, of which kind, and why of no better one. */
public final class CgroupHost {

    /** From the best to the least. */
    public enum Kind {
        V2,
        V1,
        NONE
    }

    private final Place place;
    private final List<String> reasons;
    private final ProcessTables tables;

    private CgroupHost(Place place, List<String> reasons, Proc proc) {
        this.place = place;
        this.reasons = List.copyOf(reasons);
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
        return new CgroupHost(new Nowhere(), List.of(reason), Proc.HOST);
    }

    /** @param root {@code /}, or a tree with {@code proc} and {@code sys} that look like a host's */
    static CgroupHost detect(Path root, String folder) {
        CgroupView view = CgroupView.read(root);
        List<String> reasons = new ArrayList<>();
        Optional<? extends Place> place = PlaceV2.find(view, folder, reasons);
        if (place.isEmpty()) {
            place = PlaceV1.find(view, folder, reasons);
        }
        return new CgroupHost(place.isPresent() ? place.get() : new Nowhere(), reasons, new Proc(root.resolve("proc")));
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
        return reasons;
    }

    /** Makes the folder and enables what it needs; in a container this first moves every process of its group into a leaf. */
    public void prepare() throws IOException {
        place.prepare();
    }

    /**
     * A new, empty compartment under its limits. One of the same name that a dead daemon left is replaced when it is empty.
     *
     * @param cannot is given what this host cannot enforce, one sentence each
     * @throws IOException also when processes are still in one of that name
     */
    public Cgroup create(String name, CompartmentLimits limits, List<String> cannot) throws IOException {
        Cgroup group = reopen(name);
        List<Integer> left = group.members();
        if (!left.isEmpty()) {
            throw new IOException("compartment " + name + " still holds processes " + left);
        }
        if (!group.destroyStep()) {
            throw new IOException("compartment " + name + " of an earlier run cannot be removed: it is busy");
        }
        place.make(name);
        cannot.addAll(group.update(limits));
        return group;
    }

    /** The compartment {@code name} as an earlier daemon left it. {@link Cgroup#update} and, without cgroups, keeper and run must follow. */
    public Cgroup reopen(String name) {
        return place.open(name, tables);
    }

    /** Names of the compartments that exist in the kernel now; none where it has no cgroup for us. */
    public List<String> existing() {
        return place.existing();
    }

    /** Removes the folder where no compartment is left in it. */
    public void remove() throws IOException {
        place.remove();
    }

    /** Where compartments go. */
    sealed interface Place permits PlaceV1, PlaceV2, Nowhere {
        Kind kind();

        String describe();

        void prepare() throws IOException;

        void make(String name) throws IOException;

        Cgroup open(String name, ProcessTables tables);

        List<String> existing();

        void remove() throws IOException;
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
        public void prepare() {}

        @Override
        public void make(String name) {}

        @Override
        public Cgroup open(String name, ProcessTables tables) {
            return new NoCgroup(name, tables);
        }

        @Override
        public List<String> existing() {
            return List.of();
        }

        @Override
        public void remove() {}
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
