package io.bulkhead.spec;

import static io.bulkhead.spec.AppTypes.choice;

import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Mapped;
import io.bulkhead.spec.Scalars.Word;

/** The word that turns something off, and YAML 1.1's {@code false} for it. */
final class Off {

    static final Type<Object> TYPE =
            new Mapped<>(choice("off", Word.of("off"), new Mapped<>(new Flag(), flag -> "off")), word -> word);

    private Off() {}

    /** {@code off} for {@code nothing}. */
    static <T> Type<T> or(Type<T> type, T nothing) {
        return choice(type.wants() + ", or off", new Mapped<>(TYPE, word -> nothing), type);
    }
}
