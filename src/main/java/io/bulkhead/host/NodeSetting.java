package io.bulkhead.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was done for an app at its last start because of {@code node}, for people to see.
 *
 * @param runs what it runs, such as {@code node 22 (/usr/bin/node)}, or that it is no node
 * @param heap sizes given to V8
 * @param ownHeap the size the app's own NODE_OPTIONS name, which win; empty: none
 * @param preloaded whether the preload was named to it
 * @param notes what was asked for and could not be done, one sentence each
 */
record NodeSetting(
        String runs, Optional<NodeHeap> heap, Optional<String> ownHeap, boolean preloaded, List<String> notes) {

    NodeSetting {
        notes = List.copyOf(notes);
    }

    static NodeSetting none(String runs, String note) {
        return new NodeSetting(runs, Optional.empty(), Optional.empty(), false, List.of(note));
    }

    NodeSetting noting(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return new NodeSetting(runs, heap, ownHeap, preloaded, more);
    }
}
