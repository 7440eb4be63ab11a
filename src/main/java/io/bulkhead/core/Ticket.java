package io.bulkhead.core;

import java.util.List;
import java.util.Optional;

/**
 * What a wish was to bring about; {@link Supervisor#outcome} says how far it has come. Costs the supervisor nothing: keep it as long
 * as somebody waits.
 *
 * @param turn number of the turn in which it was wished
 * @param refused why nothing was done at all
 */
public record Ticket(Event.Wish wish, long turn, List<Goal> goals, Optional<Refused> refused) {

    /** One instance and where it is to get. */
    public record Goal(InstanceId instance, Aim aim) {}

    /** What is to become of an instance. */
    public enum Aim {
        /** Ready, whether by this wish or before it. */
        UP,
        /** Ready in a run that began with this wish or after it. */
        NEW,
        /** Ready in a run that began with this wish or after it, and no run from before is left. */
        ROLLED,
        /** Nothing of it runs. */
        DOWN,
        /** Forgotten. */
        GONE,
        /** Every instance of everything has ended. */
        FINISHED
    }

    /** @param exitCode of the command, SPEC section 3 */
    public record Refused(int exitCode, String message, String hint) {}
}
