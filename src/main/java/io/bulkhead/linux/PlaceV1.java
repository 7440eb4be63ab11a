package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A folder in the v1 memory hierarchy, and the same in pids and cpu where these can be written.
 */
record PlaceV1(Path memory, Optional<Path> pids, Optional<Path> cpu) implements CgroupHost.Place {

    static Optional<PlaceV1> find(CgroupView view, String folder, List<String> reasons) {
        Optional<CgroupMount> mount = CgroupMount.of("memory", view.mounts());
        if (mount.isEmpty()) {
            reasons.add("cgroup v1: no memory hierarchy is mounted");
            return Optional.empty();
        }
        if (mount.get().readOnly()) {
            reasons.add("cgroup v1: " + mount.get().point() + " is mounted read-only");
            return Optional.empty();
        }
        Optional<Path> memory = parent(view, mount.get(), "memory");
        if (memory.isEmpty()) {
            reasons.add(
                    "cgroup v1: no permission to make groups in " + mount.get().point());
            return Optional.empty();
        }
        return Optional.of(
                new PlaceV1(memory.get().resolve(folder), other(view, "pids", folder), other(view, "cpu", folder)));
    }

    private static Optional<Path> other(CgroupView view, String controller, String folder) {
        return CgroupMount.of(controller, view.mounts())
                .filter(mount -> !mount.readOnly())
                .flatMap(mount -> parent(view, mount, controller))
                .map(parent -> parent.resolve(folder));
    }

    /** The top, so that a service manager that removes our own group takes no app along; our own group where it is limited. */
    private static Optional<Path> parent(CgroupView view, CgroupMount mount, String controller) {
        Path own = view.ownFolder(mount, controller);
        for (Path at = own; at != null && !at.equals(view.top(mount)); at = at.getParent()) {
            long limit = ControlFile.number(at.resolve("memory.limit_in_bytes")).orElse(CgroupView.UNLIMITED);
            if (limit < CgroupView.UNLIMITED && CgroupView.writable(own)) {
                return Optional.of(own);
            }
        }
        return CgroupView.firstWritable(view.parents(mount, controller));
    }

    @Override
    public CgroupHost.Kind kind() {
        return CgroupHost.Kind.V1;
    }

    @Override
    public String describe() {
        return "cgroup v1 in " + memory + ", limits memory" + (pids.isPresent() ? ", pids" : "")
                + (cpu.isPresent() ? ", cpu" : "");
    }

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(memory);
        if (ControlFile.number(memory.resolve("memory.use_hierarchy")).orElse(1) == 0) {
            ControlFile.tryWrite(memory.resolve("memory.use_hierarchy"), "1");
        }
        if (pids.isPresent()) {
            Files.createDirectories(pids.get());
        }
        if (cpu.isPresent()) {
            Files.createDirectories(cpu.get());
        }
    }

    @Override
    public Optional<Path> folder() {
        return Optional.of(memory);
    }

    @Override
    public void make(Path below) throws IOException {
        Path group = memory.resolve(below);
        Files.createDirectories(CgroupView.above(group));
        Files.createDirectory(group);
    }

    @Override
    public Cgroup open(Path below, ProcessTables tables) {
        // A pool limits memory alone: in the other hierarchies compartments lie side by side.
        Path name = below.getFileName();
        return new CgroupV1(
                memory.resolve(below),
                pids.map(folder -> folder.resolve(name)),
                cpu.map(folder -> folder.resolve(name)));
    }

    @Override
    public boolean remove() throws IOException {
        boolean empty = ControlFile.remove(memory);
        if (pids.isPresent()) {
            ControlFile.remove(pids.get());
        }
        if (cpu.isPresent()) {
            ControlFile.remove(cpu.get());
        }
        return empty;
    }
}
