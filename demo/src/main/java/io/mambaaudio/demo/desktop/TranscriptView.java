package io.mambaaudio.demo.desktop;

import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.awt.Color;
import java.awt.EventQueue;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Insets;
import java.awt.KeyboardFocusManager;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.event.MouseEvent;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.swing.JTextPane;
import javax.swing.text.BadLocationException;
import javax.swing.text.DefaultCaret;
import javax.swing.text.MutableAttributeSet;
import javax.swing.text.SimpleAttributeSet;
import javax.swing.text.StyleConstants;
import javax.swing.text.StyledDocument;
import org.jspecify.annotations.Nullable;

/**
 * The text as it settles: finished utterances with the time of each at the left and a tint behind words that are doubtful, then the
 * utterance of the moment, whose beginning stands and whose end, grey and slanted, may still change. An ordinary text component, so
 * it can be selected, copied, and read by a screen reader. Event thread only.
 */
final class TranscriptView extends JTextPane {
    private static final int GUTTER = 56;
    private static final float TEXT_SIZE = 1.25f; // of the controls' size
    private static final int MAX_PARAGRAPHS = 2_000; // what is older is still exported
    private static final int TRIM = 500;

    private final List<Line> lines = new ArrayList<>();
    private final List<Placed> words = new ArrayList<>();
    private Theme theme;
    private int settled; // offset in the document where the utterance of the moment begins
    private String hint = "";
    private @Nullable Partial partial;
    private boolean quiet; // the caret moves because the text does

    /** A paragraph that begins at an offset, and what stands before it. */
    private record Line(int start, String label, boolean chapter) {}

    /** A word in the document, or in a chapter that is over, where {@code current} is false. */
    private record Placed(int start, int end, Word word, int chapter) {}

    private int chapter;

    /**
     * Makes an empty one.
     *
     * @param onWord hears of a word of the take of the moment that the user points to
     */
    TranscriptView(Theme theme, Consumer<Word> onWord) {
        this.theme = theme;
        setEditable(false);
        setOpaque(false); // paints its background itself, below the tints
        setMargin(new Insets(12, 16, 16, 20));
        setToolTipText("");
        setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null); // Tab leads out, as everywhere else
        setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null);
        DefaultCaret caret = new DefaultCaret();
        caret.setUpdatePolicy(DefaultCaret.NEVER_UPDATE);
        setCaret(caret);
        addCaretListener(e -> {
            if (!quiet && e.getDot() == e.getMark()) {
                Placed placed = at(e.getDot());
                if (placed != null && placed.chapter == chapter) {
                    onWord.accept(placed.word);
                }
            }
        });
        getAccessibleContext().setAccessibleName("Transcript");
        getAccessibleContext()
                .setAccessibleDescription("What was understood. Words move to the wave when the caret is on them.");
    }

    /** What is written while there is no text. */
    void setHint(String line) {
        hint = line;
        repaint();
    }

    void setTheme(Theme newTheme, Transcript transcript) {
        theme = newTheme;
        rebuild(transcript);
    }

    /** Everything anew. */
    private void rebuild(Transcript transcript) {
        Partial open = partial;
        change(() -> {
            remove(0, getDocument().getLength());
            lines.clear();
            words.clear();
            settled = 0;
            chapter = 0;
        });
        for (Transcript.Chapter each : transcript.chapters()) {
            begin(each.name());
            each.finals().forEach(this::accept);
        }
        if (open != null) {
            accept(open);
        }
    }

    /** A take begins. */
    void begin(String name) {
        change(() -> {
            dropPartial();
            chapter++;
            if (!lines.isEmpty() && lines.getLast().chapter) {
                remove(lines.getLast().start, getDocument().getLength()); // nothing was said in it
                settled = lines.removeLast().start;
            }
            paragraph("", true);
            append(name + "\n", style(theme.muted(), false, true));
            settled = getDocument().getLength();
        });
    }

    /** Something was heard. */
    void accept(TranscriptEvent event) {
        change(() -> {
            dropPartial();
            switch (event) {
                case Partial now -> addPartial(now);
                case Final said -> addFinal(said);
            }
        });
    }

    private void addPartial(Partial now) {
        if (!now.text().isEmpty()) {
            partial = now;
            paragraph("…", false);
            String space = now.committed().isEmpty() || now.tentative().isEmpty() ? "" : " ";
            append(now.committed() + space, style(theme.ink(), false, false));
            append(now.tentative(), style(theme.muted(), true, false));
        }
    }

    private void dropPartial() {
        partial = null;
        if (getDocument().getLength() > settled) {
            remove(settled, getDocument().getLength());
            lines.removeLast();
        }
    }

    private void addFinal(Final said) {
        paragraph(Times.clock(said.startSeconds()), false);
        MutableAttributeSet ink = style(theme.ink(), false, false);
        for (Word word : said.words()) {
            int start = getDocument().getLength();
            append(word.text(), ink);
            words.add(new Placed(start, getDocument().getLength(), word, chapter));
            append(" ", ink);
        }
        append("\n", ink);
        settled = getDocument().getLength();
        trim();
    }

    private void paragraph(String label, boolean isChapter) {
        lines.add(new Line(getDocument().getLength(), label, isChapter));
    }

    /** Long streams: the oldest paragraphs go, so that the text component stays fast. */
    private void trim() {
        if (lines.size() > MAX_PARAGRAPHS) {
            int cut = lines.get(TRIM).start;
            remove(0, cut);
            settled -= cut;
            lines.subList(0, TRIM).clear();
            lines.replaceAll(line -> new Line(line.start - cut, line.label, line.chapter));
            words.removeIf(placed -> placed.start < cut);
            words.replaceAll(p -> new Placed(p.start - cut, p.end - cut, p.word, p.chapter));
        }
    }

    private void append(String text, MutableAttributeSet style) {
        try {
            StyledDocument document = getStyledDocument();
            int at = document.getLength();
            document.insertString(at, text, style);
            document.setParagraphAttributes(at, text.length(), style, false);
        } catch (BadLocationException e) {
            throw new IllegalStateException(e); // the end is always there
        }
    }

    private void remove(int from, int to) {
        try {
            getDocument().remove(from, to - from);
        } catch (BadLocationException e) {
            throw new IllegalStateException("from=" + from + " to=" + to, e);
        }
    }

    private MutableAttributeSet style(Color colour, boolean slanted, boolean heading) {
        MutableAttributeSet style = new SimpleAttributeSet();
        StyleConstants.setForeground(style, colour);
        StyleConstants.setFontFamily(style, getFont().getFamily());
        StyleConstants.setFontSize(
                style, heading ? getFont().getSize() : Math.round(getFont().getSize2D() * TEXT_SIZE));
        StyleConstants.setItalic(style, slanted);
        StyleConstants.setBold(style, heading);
        StyleConstants.setLeftIndent(style, heading ? 0 : GUTTER);
        StyleConstants.setLineSpacing(style, 0.18f);
        StyleConstants.setSpaceAbove(style, heading ? 4 : 0);
        StyleConstants.setSpaceBelow(style, 6);
        return style;
    }

    /** Changes the text, and goes on with it where the user was at its end. */
    private void change(Runnable edit) {
        boolean atEnd = !isShowing()
                || getVisibleRect().getMaxY() >= getHeight() - 2 * getFont().getSize();
        quiet = true;
        try {
            edit.run();
        } finally {
            quiet = false;
        }
        if (atEnd) {
            EventQueue.invokeLater(() -> scrollRectToVisible(new Rectangle(0, getHeight() - 1, 1, 1)));
        }
    }

    private @Nullable Placed at(int offset) {
        int index = indexEndingAfter(offset);
        return index < words.size() && words.get(index).start <= offset ? words.get(index) : null;
    }

    private int indexEndingAfter(int offset) {
        int low = 0;
        int high = words.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (words.get(middle).end > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    @Override
    public @Nullable String getToolTipText(MouseEvent event) {
        Placed placed = at(viewToModel2D(event.getPoint()));
        return placed == null ? null : Words.describe(placed.word);
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        Graphics2D g = (Graphics2D) graphics.create();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(theme.surface());
        g.fillRect(0, 0, getWidth(), getHeight());
        if (getDocument().getLength() == 0) {
            g.setColor(theme.muted());
            g.drawString(
                    hint, getMargin().left, getMargin().top + g.getFontMetrics().getAscent());
        } else {
            Rectangle clip = g.getClipBounds();
            int first = viewToModel2D(new Point(0, clip.y));
            int last = viewToModel2D(new Point(getWidth(), clip.y + clip.height));
            paintDoubts(g, first, last);
            paintLabels(g, first, last);
        }
        g.dispose();
        super.paintComponent(graphics);
    }

    /** The less sure, the stronger the tint. */
    private void paintDoubts(Graphics2D g, int first, int last) {
        Color tint = theme.doubt();
        for (int i = indexEndingAfter(first); i < words.size() && words.get(i).start <= last; i++) {
            Placed placed = words.get(i);
            float doubt = Words.doubt(placed.word);
            if (doubt > 0) {
                Rectangle2D from = boxAt(placed.start);
                Rectangle2D to = boxAt(placed.end);
                int wide = to.getY() == from.getY() ? (int) Math.ceil(to.getX() - from.getX()) : 20;
                int alpha = Math.round(60 + 140 * Math.min(1, 2 * doubt));
                g.setColor(new Color(tint.getRed(), tint.getGreen(), tint.getBlue(), alpha));
                g.fillRoundRect(
                        (int) from.getX() - 2, (int) from.getY() + 1, wide + 4, (int) from.getHeight() - 2, 6, 6);
            }
        }
    }

    private void paintLabels(Graphics2D g, int first, int last) {
        g.setFont(getFont());
        g.setColor(theme.muted());
        int ascent = getFontMetrics(getFont().deriveFont(getFont().getSize2D() * TEXT_SIZE))
                .getAscent();
        for (Line line : lines) {
            if (line.start > last) {
                break;
            }
            if (line.start >= first && !line.label.isEmpty()) {
                g.drawString(
                        line.label, getMargin().left, (float) boxAt(line.start).getY() + ascent);
            }
        }
    }

    private Rectangle2D boxAt(int offset) {
        try {
            Rectangle2D box = modelToView2D(offset);
            return box == null ? new Rectangle2D.Double() : box;
        } catch (BadLocationException e) {
            throw new IllegalStateException("offset=" + offset, e);
        }
    }
}
