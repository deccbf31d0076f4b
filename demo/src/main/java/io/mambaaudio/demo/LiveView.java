package io.mambaaudio.demo;

import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptWriter;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Text as it settles, on a terminal: finished utterances scroll up; below them one line with the words of the moment, what may
 * still change dimmed, and for a file a bar with the speed. The two lines are drawn again in place, at most 25 times a second.
 */
final class LiveView implements TranscriptWriter {
    private static final long REDRAW_NANOS = 40_000_000;
    private static final String UP = "\033[A";
    private static final String CLEAR = "\r\033[J";
    private static final String DIM = "\033[2m";
    private static final String PLAIN = "\033[0m";
    private static final int BAR_CELLS = 24;
    /** What stands beside the bar, with hours in both clocks. */
    private static final int BESIDE_BAR = 48;

    private final Terminal terminal;
    private String committed = "";
    private String tentative = "";
    private String status = "";
    private double heardSeconds;
    private double tookSeconds;
    private int drawnLines;
    private long drawnNanos = System.nanoTime() - REDRAW_NANOS;

    LiveView(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void begin(String input) {
        committed = "";
        tentative = "";
        status = "";
        heardSeconds = 0;
        tookSeconds = 0;
    }

    @Override
    public void accept(TranscriptEvent event) {
        switch (event) {
            case TranscriptEvent.Partial partial -> {
                committed = partial.committed();
                tentative = partial.tentative();
                draw(false);
            }
            case TranscriptEvent.Final utterance -> {
                erase();
                terminal.out().print(utterance.text() + "\n");
                committed = "";
                tentative = "";
                draw(true);
            }
        }
    }

    /**
     * Shows how far the input is.
     *
     * @param heardSeconds sound processed so far
     * @param totalSeconds length of the input, if it is known
     * @param tookSeconds time since the input was opened, where it says how fast this machine is; not where sound keeps its own pace
     */
    void progress(double heardSeconds, OptionalDouble totalSeconds, OptionalDouble tookSeconds) {
        this.heardSeconds = heardSeconds;
        this.tookSeconds = tookSeconds.orElse(0);
        if (totalSeconds.isPresent()) {
            double part = Math.clamp(heardSeconds / Math.max(totalSeconds.getAsDouble(), 1e-3), 0, 1);
            status = String.format(
                    Locale.ROOT,
                    "%s %3.0f %%  %s / %s  %s",
                    bar(part),
                    100 * part,
                    clock(heardSeconds),
                    clock(totalSeconds.getAsDouble()),
                    speed());
        } else {
            status = clock(heardSeconds);
        }
        draw(false);
    }

    @Override
    public void end() {
        erase();
        if (tookSeconds > 0) {
            String summary =
                    String.format(Locale.ROOT, "%.1f s of sound in %.1f s, %s", heardSeconds, tookSeconds, speed());
            terminal.out().print(DIM + shown(summary) + PLAIN + "\n");
        }
        terminal.out().flush();
    }

    private String speed() {
        return tookSeconds > 0 ? String.format(Locale.ROOT, "%.1f × real time", heardSeconds / tookSeconds) : "";
    }

    /** As much of it as fits, in letters that the terminal has. */
    private String shown(String line) {
        String letters = terminal.unicode() ? line : line.replace('×', 'x');
        return letters.substring(0, Math.min(letters.length(), width()));
    }

    private void draw(boolean now) {
        long nanos = System.nanoTime();
        if (!now && nanos - drawnNanos < REDRAW_NANOS) {
            return;
        }
        drawnNanos = nanos;
        erase();
        if (!committed.isEmpty() || !tentative.isEmpty()) {
            terminal.out().print(words() + "\n");
            drawnLines++;
        }
        if (!status.isEmpty()) {
            terminal.out().print(DIM + shown(status) + PLAIN + "\n");
            drawnLines++;
        }
        terminal.out().flush();
    }

    private void erase() {
        terminal.out().print(UP.repeat(drawnLines) + CLEAR);
        drawnLines = 0;
    }

    /** The end of the utterance so far, as much of it as one line holds: a line that wraps could not be drawn again. */
    private String words() {
        String gap = committed.isEmpty() || tentative.isEmpty() ? "" : " ";
        String all = committed + gap + tentative;
        int cut = Math.max(0, all.length() - width());
        int settled = Math.max(cut, committed.length());
        return all.substring(cut, settled) + DIM + all.substring(settled) + PLAIN;
    }

    private int width() {
        return terminal.columns() - 1;
    }

    private String bar(double part) {
        int cells = Math.clamp(width() - BESIDE_BAR, 0, BAR_CELLS);
        int full = (int) Math.round(part * cells);
        return terminal.unicode()
                ? "━".repeat(full) + "─".repeat(cells - full)
                : "#".repeat(full) + "-".repeat(cells - full);
    }

    private static String clock(double seconds) {
        long whole = (long) seconds;
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
