package io.bulkhead.story;

import java.util.List;

/** {@code unknown}: what is not known is not guessed. */
final class NotKnown implements Rule {

    @Override
    public List<String> advice(Death death) {
        return List.of("`bulkhead doctor` says what this host lets nobody see, and how to change that");
    }
}
