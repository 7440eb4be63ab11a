package io.bulkhead.host;

/** Wakes one reader that waits for more output in any of the files it watches. */
final class LogSignal {

    private boolean raised;

    synchronized void raise() {
        raised = true;
        notifyAll();
    }

    /** Waits until {@link #raise} was called since the last time this returned. */
    synchronized void await() throws InterruptedException {
        while (!raised) {
            wait();
        }
        raised = false;
    }
}
