package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The folder inside a scope of systemd's; where that cannot be had, the one that can be had without. */
final class PlaceScope implements CgroupHost.Place {

    private final SystemdScope scope;
    private final PlaceV2 inScope;
    private final Optional<PlaceV2> otherwise;
    private final List<String> reasons;
    private boolean refused;

    /** @param reasons is told why the scope could not be had */
    PlaceScope(SystemdScope scope, String folder, Optional<PlaceV2> otherwise, List<String> reasons) {
        this.scope = scope;
        this.inScope = new PlaceV2(scope.folder(), folder);
        this.otherwise = otherwise;
        this.reasons = reasons;
    }

    private PlaceV2 place() {
        return refused ? otherwise.orElse(inScope) : inScope;
    }

    @Override
    public CgroupHost.Kind kind() {
        return CgroupHost.Kind.V2;
    }

    @Override
    public String describe() {
        return place().describe();
    }

    @Override
    public Optional<Path> folder() {
        return place().folder();
    }

    @Override
    public void prepare() throws IOException {
        if (!refused) {
            try {
                scope.make();
            } catch (IOException noScope) {
                reasons.add(noScope.getMessage());
                if (otherwise.isEmpty()) {
                    throw noScope;
                }
                refused = true;
            }
        }
        place().prepare();
    }

    /** The scope is gone as soon as nothing lives in it, whoever ended the last process: then it is made again. */
    @Override
    public void make(Path name) throws IOException {
        if (!refused && !scope.lives()) {
            prepare();
        }
        place().make(name);
    }

    @Override
    public Cgroup open(Path name, ProcessTables tables) {
        return place().open(name, tables);
    }

    @Override
    public boolean remove() throws IOException {
        boolean empty = place().remove();
        if (empty && !refused) {
            scope.end(inScope.leaf());
        }
        return empty;
    }
}
