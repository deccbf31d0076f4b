package io.mambaaudio.demo.desktop;

import io.mambaaudio.speech.TranscriptEvent.Word;
import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Composite;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Stroke;
import java.awt.geom.AffineTransform;
import java.util.List;
import javax.accessibility.AccessibleContext;
import javax.accessibility.AccessibleRole;
import javax.swing.JComponent;
import javax.swing.UIManager;
import org.jspecify.annotations.Nullable;

/**
 * The sound of a take: wave, mel spectrogram, and the words under the sound that they were heard in. The newest sound is at the right
 * edge; wheel, dragging and arrow keys look back. Event thread only; what it paints is drawn once, see {@link ScopeImage}.
 */
final class ScopeView extends JComponent {
    private static final double PIXELS_PER_COLUMN = 2;
    private static final int LANE = 30;
    private static final int AXIS = 20;
    private static final int GAP = 6;
    private static final int WAVE_SHARE = 4; // a quarter of the sound's height
    private static final int[] MARKED_HZ = {250, 500, 1000, 2000, 4000};

    private final ScopeMoves moves = new ScopeMoves(this);
    private Theme theme;
    private @Nullable Columns columns;
    private List<Word> words = List.of();
    private @Nullable ScopeImage image;
    private int imageWidth; // device pixels that the image was made for
    private int imageHeight;
    private double imageScale;
    private long end; // first column that is not shown
    private boolean following = true;
    private double selectedFrom = Double.NaN; // seconds
    private double selectedTo = Double.NaN;
    private boolean dropping;
    private long paintNanos;
    private String hint = "";
    private String hintBelow = "";

    ScopeView(Theme theme) {
        this.theme = theme;
        setFont(UIManager.getFont("Label.font"));
        setOpaque(true);
        setFocusable(true);
        setPreferredSize(new Dimension(900, 300));
        setMinimumSize(new Dimension(200, 110));
        moves.install();
    }

    void setTheme(Theme newTheme) {
        theme = newTheme;
        setFont(UIManager.getFont("Label.font"));
        image = null;
        repaint();
    }

    /** What is written in the middle while there is no sound. */
    void setHint(String line, String below) {
        hint = line;
        hintBelow = below;
        repaint();
    }

    /** Whether a file hovers over the window. */
    void setDropping(boolean over) {
        dropping = over;
        repaint();
    }

    /** Shows another take from its start. The words are the list of the take itself, which grows. */
    void show(Columns newColumns, List<Word> newWords) {
        columns = newColumns;
        words = newWords;
        image = null;
        end = 0;
        following = true;
        select(Double.NaN, Double.NaN);
    }

    /** Goes on to the newest sound, if there is more. */
    void advance() {
        if (columns != null && following && columns.written() != end) {
            end = columns.written();
            repaint();
        }
    }

    /** Whether the right edge is the newest sound. */
    boolean following() {
        return following;
    }

    /** Seconds at the right edge. */
    double endSeconds() {
        return end * Columns.SECONDS;
    }

    /** Looks so much further on, or back; at the end it follows again. */
    void move(double seconds) {
        if (columns == null) {
            return;
        }
        long newest = columns.written();
        long least = Math.min(newest, columns.oldest() + shownColumns());
        end = Math.clamp(end + Math.round(seconds / Columns.SECONDS), least, newest);
        following = end == newest;
        repaint();
    }

    /** Marks a span of sound and brings it into view. */
    void reveal(double from, double to) {
        select(from, to);
        double left = (end - shownColumns()) * Columns.SECONDS;
        if (from < left || to > endSeconds()) {
            move((from + to) / 2 + shownColumns() * Columns.SECONDS / 2 - endSeconds());
        }
    }

    /** Marks a span of sound; NaN for none. */
    void select(double from, double to) {
        selectedFrom = from;
        selectedTo = to;
        repaint();
    }

    /** Sound from the left edge to the right one. */
    double shownSeconds() {
        return shownColumns() * Columns.SECONDS;
    }

    private long shownColumns() {
        return (long) Math.ceil(getWidth() / PIXELS_PER_COLUMN);
    }

    private double xOf(double seconds) {
        return getWidth() - (endSeconds() - seconds) / Columns.SECONDS * PIXELS_PER_COLUMN;
    }

    private int soundHeight() {
        return Math.max(2, getHeight() - LANE - AXIS);
    }

    private int waveHeight() {
        return soundHeight() / WAVE_SHARE;
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        long start = System.nanoTime();
        Graphics2D g = (Graphics2D) graphics.create();
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            if (columns == null || columns.written() == 0) {
                paintEmpty(g);
            } else {
                paintSound(g, columns);
                paintSelection(g);
                paintFrequencies(g);
                paintTimes(g);
                paintWords(g);
                paintAway(g);
            }
            paintDropping(g);
        } finally {
            g.dispose();
        }
        paintNanos = (3 * paintNanos + System.nanoTime() - start) / 4;
    }

    /** Pixel by pixel, whatever the scale of the screen. */
    private void paintSound(Graphics2D g, Columns sound) {
        AffineTransform scaled = g.getTransform();
        double scale = scaled.getScaleX();
        int left = (int) Math.round(scaled.getTranslateX());
        int top = (int) Math.round(scaled.getTranslateY());
        int wide = (int) Math.ceil(getWidth() * scale);
        int high = (int) Math.round(soundHeight() * scale);
        ScopeImage drawn = image(wide, high, scale);
        long first = Math.max(sound.oldest(), end - drawn.columnsIn(wide));
        drawn.draw(sound, Math.min(first, end), end);
        g.setTransform(AffineTransform.getTranslateInstance(0, 0));
        drawn.paint(g, left, top, wide, end);
        g.setTransform(scaled);
        g.setColor(theme.surface());
        g.fillRect(0, soundHeight(), getWidth(), LANE + AXIS);
    }

    private ScopeImage image(int wide, int high, double scale) {
        ScopeImage drawn = image;
        if (drawn == null || wide != imageWidth || high != imageHeight || scale != imageScale) {
            int wave = (int) Math.round(waveHeight() * scale);
            int column = (int) Math.max(1, Math.round(PIXELS_PER_COLUMN * scale));
            drawn = new ScopeImage(wide, wave, Math.max(1, high - wave), column, theme);
            image = drawn;
            imageWidth = wide;
            imageHeight = high;
            imageScale = scale;
        }
        return drawn;
    }

    private void paintSelection(Graphics2D g) {
        if (selectedFrom <= selectedTo) {
            int from = (int) xOf(selectedFrom);
            int to = (int) Math.ceil(xOf(selectedTo));
            g.setColor(theme.accent());
            Composite before = g.getComposite();
            g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.22f));
            g.fillRect(from, 0, Math.max(2, to - from), getHeight() - AXIS);
            g.setComposite(before);
            g.drawLine(from, 0, from, getHeight() - AXIS);
            g.drawLine(to, 0, to, getHeight() - AXIS);
        }
    }

    private void paintFrequencies(Graphics2D g) {
        g.setFont(small());
        FontMetrics metrics = g.getFontMetrics();
        int height = soundHeight() - waveHeight();
        if (height < 9 * metrics.getHeight()) {
            return;
        }
        for (int hz : MARKED_HZ) {
            String label = hz < 1000 ? Integer.toString(hz) : hz / 1000 + "k";
            double y = waveHeight() + height * (1 - MelScale.place(hz));
            label(g, label, GAP, (float) (y + metrics.getAscent() / 2.0 - 1));
        }
    }

    /** Text over sound, legible on any of its colours. */
    private void label(Graphics2D g, String text, float x, float y) {
        Composite before = g.getComposite();
        g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.6f));
        FontMetrics metrics = g.getFontMetrics();
        g.setColor(theme.surface());
        g.fillRoundRect(
                (int) x - 3, (int) y - metrics.getAscent(), metrics.stringWidth(text) + 6, metrics.getHeight(), 6, 6);
        g.setComposite(before);
        g.setColor(theme.muted());
        g.drawString(text, x, y);
    }

    private void paintTimes(Graphics2D g) {
        g.setFont(small());
        FontMetrics metrics = g.getFontMetrics();
        int top = getHeight() - AXIS;
        g.setColor(theme.line());
        g.drawLine(0, top, getWidth(), top);
        int first = (int) Math.ceil(Math.max(0, endSeconds() - shownSeconds()));
        for (int second = first; second <= endSeconds(); second++) {
            int x = (int) Math.round(xOf(second));
            g.setColor(theme.line());
            g.drawLine(x, top, x, top + 4);
            g.setColor(theme.muted());
            g.drawString(Times.clock(second), x + 4, top + metrics.getAscent() + 3);
        }
    }

    private void paintWords(Graphics2D g) {
        double left = endSeconds() - shownSeconds();
        Font font = getFont();
        g.setFont(font);
        FontMetrics metrics = g.getFontMetrics();
        int line = soundHeight() + 5;
        int baseline = line + 4 + metrics.getAscent();
        Stroke before = g.getStroke();
        g.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        double free = -1e9;
        for (int i = Words.firstEndingAfter(words, left - 1); i < words.size(); i++) {
            Word word = words.get(i);
            double x = xOf(word.startSeconds());
            if (x > getWidth()) {
                break;
            }
            g.setColor(word.confidence() < Words.SURE ? theme.doubt() : theme.accent());
            g.drawLine((int) x + 1, line, (int) xOf(word.endSeconds()) - 1, line);
            g.setColor(theme.ink());
            x = Math.max(x, free);
            g.drawString(word.text(), (float) x, baseline);
            free = x + metrics.stringWidth(word.text()) + GAP;
        }
        g.setStroke(before);
    }

    /** Says that newer sound is not in view. */
    private void paintAway(Graphics2D g) {
        if (!following) {
            g.setFont(small());
            String text = "Looking back · End returns";
            label(g, text, getWidth() - g.getFontMetrics().stringWidth(text) - 12, 18);
        }
    }

    private void paintEmpty(Graphics2D g) {
        g.setColor(theme.surface());
        g.fillRect(0, 0, getWidth(), getHeight());
        g.setColor(theme.line());
        int middle = getHeight() / 2;
        for (int x = 0; x < getWidth(); x += 6) { // the wave of silence
            double fade = 1 - Math.abs(2.0 * x / getWidth() - 1);
            int tall = (int) (fade * 26 * (0.35 + 0.65 * Math.abs(Math.sin(x * 0.071) * Math.sin(x * 0.0173))));
            g.fillRoundRect(x, middle - 46 - tall, 2, 2 * tall + 2, 2, 2);
        }
        Font font = getFont().deriveFont(Font.BOLD, getFont().getSize2D() * 1.25f);
        centred(g, hint, font, theme.ink(), middle + 10);
        centred(g, hintBelow, getFont(), theme.muted(), middle + 34);
    }

    private void centred(Graphics2D g, String text, Font font, Color colour, int baseline) {
        g.setFont(font);
        g.setColor(colour);
        g.drawString(text, (getWidth() - g.getFontMetrics().stringWidth(text)) / 2f, baseline);
    }

    private void paintDropping(Graphics2D g) {
        if (dropping) {
            g.setColor(theme.accent());
            g.setStroke(new BasicStroke(3));
            g.drawRoundRect(4, 4, getWidth() - 9, getHeight() - 9, 12, 12);
        } else if (isFocusOwner()) {
            g.setColor(theme.accent());
            g.drawRect(0, 0, getWidth() - 1, getHeight() - 1);
        }
    }

    /** How long it takes to paint, over the last few times. */
    long paintNanos() {
        return paintNanos;
    }

    private Font small() {
        return getFont().deriveFont(getFont().getSize2D() * 0.85f);
    }

    @Override
    public AccessibleContext getAccessibleContext() {
        if (accessibleContext == null) {
            accessibleContext = new AccessibleJComponent() {
                @Override
                public AccessibleRole getAccessibleRole() {
                    return AccessibleRole.CANVAS;
                }
            };
        }
        return accessibleContext;
    }
}
