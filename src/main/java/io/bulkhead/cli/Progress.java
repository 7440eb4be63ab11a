package io.bulkhead.cli;

import java.io.IOException;

/** One line that says what is being waited for, from the first second on; on a terminal it moves and goes away again. */
final class Progress implements AutoCloseable {

    private static final int FIRST_MILLIS = 1000;
    private static final int STEP_MILLIS = 120;
    private static final String TURNING = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private static final String PLAIN = "|/-\\";

    private final Screen screen;
    private final String doing;
    private boolean over;
    private boolean shown;

    private Progress(Screen screen, String doing) {
        this.screen = screen;
        this.doing = doing;
    }

    static Progress start(Screen screen, String doing) {
        Progress progress = new Progress(screen, doing);
        Thread thread = new Thread(new Turning(progress), "progress");
        thread.setDaemon(true);
        thread.start();
        return progress;
    }

    @Override
    public synchronized void close() throws IOException {
        over = true;
        notifyAll();
        if (shown && screen.terminal()) {
            shown = false;
            screen.print("\r\u001b[K").flush();
        }
    }

    private synchronized void run() {
        try {
            wait(FIRST_MILLIS);
            if (!over && !screen.terminal()) {
                screen.line(doing + " ...").flush();
                return;
            }
            String frames = screen.unicode() ? TURNING : PLAIN;
            for (int step = 0; !over; step++) {
                shown = true;
                int seconds = (FIRST_MILLIS + step * STEP_MILLIS) / 1000;
                screen.print("\r" + frames.charAt(step % frames.length()) + " " + doing + "  " + Words.duration(seconds)
                                + "\u001b[K")
                        .flush();
                wait(STEP_MILLIS);
            }
        } catch (InterruptedException | IOException e) {
            // Nobody looks any more.
        }
    }

    /** A class, not a lambda: the first lambda of a program costs its start some milliseconds. */
    private record Turning(Progress progress) implements Runnable {
        @Override
        public void run() {
            progress.run();
        }
    }
}
