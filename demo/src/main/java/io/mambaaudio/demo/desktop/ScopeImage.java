package io.mambaaudio.demo.desktop;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;

/**
 * Wave and spectrogram as pixels, drawn once. The image is a ring: a column of sound has its place at its number modulo the width,
 * so that scrolling draws the new columns alone, and painting is two copies. Device pixels; event thread only.
 */
final class ScopeImage {
    /** Loud and soft are drawn nearer to each other than they are, so that soft speech has a shape. */
    private static final double COMPANDING = 0.6;

    private final BufferedImage image;
    private final int[] pixels;
    private final int width; // a multiple of the pixels of a column
    private final int columnPixels;
    private final int waveHeight;
    private final int spectrumHeight;
    private final int[] bandOfRow; // (spectrumHeight) the lower of two bands
    private final int[] shareOfRow; // (spectrumHeight) of the upper band, in 256ths
    private final int[] palette;
    private final int surface;
    private final int wave;
    private final int[] before = new int[Columns.BANDS];
    private final int[] here = new int[Columns.BANDS];
    private final int[] between = new int[Columns.BANDS];
    private long from; // first column that is drawn
    private long to; // first column that is not

    /**
     * Makes an empty one.
     *
     * @param width the least pixels across
     * @param waveHeight pixels of the wave, above
     * @param spectrumHeight pixels of the spectrogram, below
     * @param columnPixels pixels of a column of sound
     */
    ScopeImage(int width, int waveHeight, int spectrumHeight, int columnPixels, Theme theme) {
        this.columnPixels = columnPixels;
        this.waveHeight = waveHeight;
        this.spectrumHeight = spectrumHeight;
        this.width = (width / columnPixels + 2) * columnPixels;
        image = new BufferedImage(this.width, waveHeight + spectrumHeight, BufferedImage.TYPE_INT_RGB);
        pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        palette = theme.spectrum().rgb();
        surface = theme.surface().getRGB();
        wave = theme.wave().getRGB();
        bandOfRow = new int[spectrumHeight];
        shareOfRow = new int[spectrumHeight];
        for (int row = 0; row < spectrumHeight; row++) {
            double band = (1 - (row + 0.5) / spectrumHeight) * (Columns.BANDS - 1);
            bandOfRow[row] = Math.min((int) band, Columns.BANDS - 2);
            shareOfRow[row] = (int) (256 * (band - bandOfRow[row]));
        }
    }

    /** How many columns fit into pixels of the screen, begun ones included. */
    int columnsIn(int screenPixels) {
        return (screenPixels + columnPixels - 1) / columnPixels;
    }

    /**
     * Draws what is missing of a range of columns.
     *
     * @return columns that were drawn now
     */
    int draw(Columns columns, long first, long end) {
        if (end < from || first > to || first < from) {
            from = first;
            to = first;
        }
        long start = Math.max(first, to);
        for (long column = start; column < end; column++) {
            draw(columns, column);
        }
        to = Math.max(to, end);
        from = Math.max(from, to - width / columnPixels + 1);
        return (int) Math.max(0, end - start);
    }

    private void draw(Columns columns, long column) {
        long previous = Math.max(columns.oldest(), column - 1);
        columns.levels(previous, before);
        columns.levels(column, here);
        int x = (int) (column * columnPixels % width);
        for (int i = 0; i < columnPixels; i++) {
            int share = (i + 1) * 256 / columnPixels;
            for (int band = 0; band < between.length; band++) {
                between[band] = before[band] * (256 - share) + here[band] * share;
            }
            drawSpectrum(x + i);
            double t = share / 256.0;
            drawWave(
                    x + i,
                    mix(columns.low(previous), columns.low(column), t),
                    mix(columns.high(previous), columns.high(column), t));
        }
    }

    private void drawSpectrum(int x) {
        int at = waveHeight * width + x;
        for (int row = 0; row < spectrumHeight; row++, at += width) {
            int band = bandOfRow[row];
            int share = shareOfRow[row];
            pixels[at] = palette[(between[band] * (256 - share) + between[band + 1] * share) >> 16];
        }
    }

    private void drawWave(int x, double low, double high) {
        int top = rowOf(high);
        int bottom = rowOf(low);
        int at = x;
        for (int row = 0; row < waveHeight; row++, at += width) {
            pixels[at] = row >= top && row <= bottom ? wave : surface;
        }
    }

    private int rowOf(double sample) {
        double shown = Math.signum(sample) * Math.pow(Math.abs(sample), COMPANDING);
        return Math.clamp(Math.round((1 - shown) / 2 * (waveHeight - 1)), 0, Math.max(0, waveHeight - 1));
    }

    private static double mix(double a, double b, double t) {
        return a + t * (b - a);
    }

    /**
     * Paints columns that are drawn, the last of them ending at the right edge.
     *
     * @param g whose units are device pixels
     * @param x left edge
     * @param y upper edge
     * @param screenPixels how wide
     * @param end the first column that is not shown
     */
    void paint(Graphics2D g, int x, int y, int screenPixels, long end) {
        int height = image.getHeight();
        long endPixel = end * columnPixels;
        long firstPixel = Math.max(endPixel - screenPixels, from * columnPixels);
        int blank = (int) (screenPixels - (endPixel - firstPixel));
        if (blank > 0) {
            g.setColor(new Color(surface));
            g.fillRect(x, y, blank, height);
        }
        int source = (int) (firstPixel % width);
        int shown = screenPixels - blank;
        int piece = Math.min(shown, width - source);
        copy(g, x + blank, y, source, piece, height);
        copy(g, x + blank + piece, y, 0, shown - piece, height);
    }

    private void copy(Graphics2D g, int x, int y, int source, int pieceWidth, int height) {
        if (pieceWidth > 0) {
            g.drawImage(image, x, y, x + pieceWidth, y + height, source, 0, source + pieceWidth, height, null);
        }
    }
}
