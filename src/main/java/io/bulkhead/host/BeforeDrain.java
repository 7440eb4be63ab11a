package io.bulkhead.host;

/** Work between the decision to drain a run and its stop, such as a heap profile. On the loop: what waits goes elsewhere. */
interface BeforeDrain {

    BeforeDrain NOTHING = (run, then) -> then.run();

    /**
     * Begins the work. {@link DrainPreparation} goes on without it when it takes too long, and leaves it out where there is no time.
     *
     * @param then to be called on the loop when it is done, at once where there is nothing to do; a second call does nothing
     */
    void prepare(LiveRun run, Runnable then);
}
