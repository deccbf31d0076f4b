package io.mambaaudio.speech;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Subtitles, SubRip or WebVTT. A long utterance becomes several cues of at most two lines of 42 characters and 7 seconds, the
 * limits that subtitlers work with.
 */
final class CueWriter implements TranscriptWriter {
    private static final int LINE_CHARACTERS = 42;
    private static final int CUE_CHARACTERS = 2 * LINE_CHARACTERS;
    private static final double CUE_SECONDS = 7;
    /** A cue of one short word is still shown this long. */
    private static final double SHORTEST_CUE_SECONDS = 0.1;

    /** What the two formats differ in. */
    enum Style {
        SRT,
        VTT
    }

    private final PrintStream out;
    private final Style style;
    private int cues;

    CueWriter(PrintStream out, Style style) {
        this.out = out;
        this.style = style;
    }

    @Override
    public void begin(String input) {
        cues = 0;
        if (style == Style.VTT) {
            out.print("WEBVTT\n\n");
            out.flush();
        }
    }

    @Override
    public void accept(TranscriptEvent event) {
        if (event instanceof TranscriptEvent.Final utterance) {
            List<TranscriptEvent.Word> cue = new ArrayList<>();
            for (TranscriptEvent.Word word : utterance.words()) {
                if (!cue.isEmpty() && isFull(cue, word)) {
                    print(cue);
                    cue.clear();
                }
                cue.add(word);
            }
            if (!cue.isEmpty()) {
                print(cue);
            }
            out.flush();
        }
    }

    private static boolean isFull(List<TranscriptEvent.Word> cue, TranscriptEvent.Word next) {
        int characters = next.text().length();
        for (TranscriptEvent.Word word : cue) {
            characters += word.text().length() + 1;
        }
        return characters > CUE_CHARACTERS || next.endSeconds() - cue.getFirst().startSeconds() > CUE_SECONDS;
    }

    private void print(List<TranscriptEvent.Word> words) {
        double start = words.getFirst().startSeconds();
        double end = Math.max(words.getLast().endSeconds(), start + SHORTEST_CUE_SECONDS);
        cues++;
        if (style == Style.SRT) {
            out.print(cues + "\n");
        }
        out.print(clock(start) + " --> " + clock(end) + "\n" + lines(words) + "\n\n");
    }

    private String lines(List<TranscriptEvent.Word> words) {
        StringBuilder lines = new StringBuilder();
        int line = 0;
        for (TranscriptEvent.Word word : words) {
            if (line > 0 && line + 1 + word.text().length() > LINE_CHARACTERS) {
                lines.append('\n');
                line = 0;
            } else if (line > 0) {
                lines.append(' ');
                line++;
            }
            lines.append(style == Style.VTT ? escape(word.text()) : word.text());
            line += word.text().length();
        }
        return lines.toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private String clock(double seconds) {
        long millis = Math.round(seconds * 1000);
        return String.format(
                Locale.ROOT,
                style == Style.SRT ? "%02d:%02d:%02d,%03d" : "%02d:%02d:%02d.%03d",
                millis / 3_600_000,
                millis / 60_000 % 60,
                millis / 1000 % 60,
                millis % 1000);
    }
}
