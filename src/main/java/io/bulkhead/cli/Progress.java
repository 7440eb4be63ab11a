package io.bulkhead.cli;

import java.io.IOException;

/** One line that says what is being waited for, from the first second on; on a terminal it moves and goes away again. */
final class Progress implements AutoCloseable {

    private static final int FIRST_MILLIS = 1000;
    private static final int STEP_MILLIS = 120;
    private static final int STEPS_A_DETAIL = 8;
    private static final String TURNING = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private static final String PLAIN = "|/-\\";

    /** What is being waited for just now, in a few words; empty where that is not known. Asked now and then, and may take a moment. */
    interface Detail {
        String words();
    }

    private final Screen screen;
    private final String doing;
    private final Detail detail;
    private String known = "";
    private boolean over;
    private boolean shown;

    private Progress(Screen screen, String doing, Detail detail) {
        this.screen = screen;
        this.doing = doing;
        this.detail = detail;
    }

    static Progress start(Screen screen, String doing, Detail detail) {
        Progress progress = new Progress(screen, doing, detail);
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

    private void run() {
        try {
            for (int step = 0; await(step); step++) {
                if (step % STEPS_A_DETAIL == 0) {
                    String words = detail.words();
                    synchronized (this) {
                        known = words;
                    }
                }
            }
        } catch (InterruptedException | IOException e) {
            // Nobody looks any more.
        }
    }

    /** Shows where it is, waits for the next step, and says whether there is one. */
    private synchronized boolean await(int step) throws InterruptedException, IOException {
        if (step == 0) {
            wait(FIRST_MILLIS);
            if (!over && !screen.terminal()) {
                screen.line(doing + " ...").flush();
                return false;
            }
            return !over;
        }
        if (over) {
            return false;
        }
        String frames = screen.unicode() ? TURNING : PLAIN;
        int seconds = (FIRST_MILLIS + step * STEP_MILLIS) / 1000;
        String line = frames.charAt(step % frames.length()) + " " + doing + "  " + Words.duration(seconds)
                + (known.isEmpty() ? "" : "  " + known);
        shown = true;
        screen.print("\r" + Text.fit(line, screen.columns() - 1, "…") + "\u001b[K")
                .flush();
        wait(STEP_MILLIS);
        return !over;
    }

    /** A class, not a lambda: the first lambda of a program costs its start some milliseconds. */
    private record Turning(Progress progress) implements Runnable {
        @Override
        public void run() {
            progress.run();
        }
    }
}
