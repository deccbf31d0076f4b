package io.mambaaudio.demo;

import java.util.Locale;

/** One line on a terminal that is drawn again while something goes on, and wiped at its end; nothing in a pipe. */
final class ProgressBar implements AutoCloseable {
    private static final long REDRAW_NANOS = 40_000_000;
    private static final int CELLS = 24;

    private final Terminal terminal;
    private final String what;
    private long drawnNanos = System.nanoTime() - REDRAW_NANOS;

    ProgressBar(Terminal terminal, String what) {
        this.terminal = terminal;
        this.what = what;
    }

    void show(double share) {
        long now = System.nanoTime();
        if (terminal.live() && now - drawnNanos >= REDRAW_NANOS) {
            drawnNanos = now;
            int full = (int) Math.round(share * CELLS);
            String bar = terminal.unicode()
                    ? "━".repeat(full) + "─".repeat(CELLS - full)
                    : "#".repeat(full) + "-".repeat(CELLS - full);
            String line = String.format(Locale.ROOT, "%s %3.0f %%  %s", bar, 100 * share, what);
            terminal.out().print("\r\033[K" + line.substring(0, Math.min(line.length(), terminal.columns() - 1)));
            terminal.out().flush();
        }
    }

    @Override
    public void close() {
        if (terminal.live()) {
            terminal.out().print("\r\033[K");
            terminal.out().flush();
        }
    }
}
