package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A folder in the unified hierarchy.
 *
 * @param parent the group it is made in: the top, or a subtree delegated to us
 * @param name its name there
 */
record PlaceV2(Path parent, String name) implements CgroupHost.Place {

    private static final String CONTROLLERS = "cgroup.controllers";
    private static final String SUBTREE = "cgroup.subtree_control";
    private static final String PROCS = "cgroup.procs";

    /** Where the processes of a container's own group go: a group with controllers for its children may hold none itself. */
    private static final String LEAF = "bulkhead-others";

    private static final int MOVE_ROUNDS = 20;

    static Optional<PlaceV2> find(CgroupView view, String name, List<String> reasons) {
        Optional<CgroupMount> mount = CgroupMount.unified(view.mounts());
        if (mount.isEmpty()) {
            reasons.add("cgroup v2: not mounted");
            return Optional.empty();
        }
        Path top = mount.get().point();
        if (!has(view.top(mount.get()).resolve(CONTROLLERS), "memory")) {
            reasons.add("cgroup v2: " + top + " has no memory controller (cgroup v1 holds it, or it is not delegated)");
            return Optional.empty();
        }
        if (mount.get().readOnly()) {
            reasons.add("cgroup v2: " + top + " is mounted read-only");
            return Optional.empty();
        }
        for (Path parent : view.parents(mount.get(), "")) {
            if (CgroupView.writable(parent)
                    && Files.isWritable(parent.resolve(SUBTREE))
                    && has(parent.resolve(CONTROLLERS), "memory")) {
                return Optional.of(new PlaceV2(parent, name));
            }
        }
        reasons.add("cgroup v2: no permission to make groups in " + top + " or in our own group"
                + " (not root, and the memory controller is not delegated to us)");
        return Optional.empty();
    }

    /** Where processes go that were in the parent itself. */
    Path leaf() {
        return parent.resolve(LEAF);
    }

    private Path home() {
        return parent.resolve(name);
    }

    @Override
    public Optional<Path> folder() {
        return Optional.of(home());
    }

    @Override
    public CgroupHost.Kind kind() {
        return CgroupHost.Kind.V2;
    }

    @Override
    public String describe() {
        StringBuilder text = new StringBuilder("cgroup v2 in " + home() + ", limits memory");
        for (String controller : List.of("pids", "cpu")) {
            if (has(parent.resolve(CONTROLLERS), controller)) {
                text.append(", ").append(controller);
            }
        }
        return text.toString();
    }

    @Override
    public void prepare() throws IOException {
        enable(parent);
        enable(Files.createDirectories(home()));
    }

    /** Lets the children of {@code group} have memory, and pids and cpu where they can be had. */
    private static void enable(Path group) throws IOException {
        if (!has(group.resolve(SUBTREE), "memory")) {
            // Only the true root, which alone has no type, may hold processes beside groups with controllers.
            if (Files.exists(group.resolve("cgroup.type"))) {
                moveProcesses(group);
            }
            ControlFile.write(group.resolve(SUBTREE), "+memory");
        }
        for (String controller : List.of("pids", "cpu")) {
            if (!has(group.resolve(SUBTREE), controller)) {
                ControlFile.tryWrite(group.resolve(SUBTREE), "+" + controller);
            }
        }
    }

    /** What forks while we move is still in the list the next time; so until nobody is. */
    private static void moveProcesses(Path group) throws IOException {
        for (int round = 0; round < MOVE_ROUNDS; round++) {
            List<Integer> there = ControlFile.pids(group.resolve(PROCS));
            if (there.isEmpty()) {
                return;
            }
            Path leaf = Files.createDirectories(group.resolve(LEAF));
            for (int pid : there) {
                ControlFile.tryWrite(leaf.resolve(PROCS), Integer.toString(pid));
            }
        }
        throw new IOException("processes " + ControlFile.pids(group.resolve(PROCS)) + " cannot be moved out of " + group
                + ", so memory cannot be limited below it");
    }

    @Override
    public void make(Path below) throws IOException {
        Path group = home().resolve(below);
        Path around = CgroupView.above(group);
        if (!around.equals(home())) {
            enable(Files.createDirectories(around));
        }
        Files.createDirectory(group);
    }

    @Override
    public Cgroup open(Path below, ProcessTables tables) {
        return new CgroupV2(home().resolve(below));
    }

    @Override
    public boolean remove() throws IOException {
        return ControlFile.remove(home());
    }

    static boolean has(Path list, String controller) {
        return List.of(ControlFile.read(list).orElse("").split(" ")).contains(controller);
    }
}
