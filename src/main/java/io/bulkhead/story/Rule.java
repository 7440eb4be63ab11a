package io.bulkhead.story;

import java.util.List;

/** What is to be seen and what is to be done after a death of one cause. */
interface Rule {

    /** Besides what is told of every death. */
    default List<String> evidence(Death death) {
        return List.of();
    }

    /** The most useful first; none: the general hint of the exit stands. */
    List<String> advice(Death death);
}
