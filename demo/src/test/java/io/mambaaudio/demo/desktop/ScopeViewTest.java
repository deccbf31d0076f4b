package io.mambaaudio.demo.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.TranscriptEvent.Word;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The picture of the sound, painted to an image. */
final class ScopeViewTest {
    private static final int WIDTH = 301;
    private static final int HEIGHT = 200;
    private static final long SEED = 20_261_124;

    private final SplittableRandom random = new SplittableRandom(SEED);

    private void addNoise(Columns columns, int count) {
        float[] mel = new float[Columns.BANDS];
        for (int i = 0; i < count; i++) {
            for (int band = 0; band < mel.length; band++) {
                mel[band] = (float) random.nextDouble(-12, 6);
            }
            columns.push(mel, (float) random.nextDouble(-1, 0), (float) random.nextDouble(0, 1));
        }
    }

    private static ScopeView view(Columns columns, List<Word> words) {
        ScopeView view = new ScopeView(Theme.dark);
        view.setSize(WIDTH, HEIGHT);
        view.show(columns, words);
        view.advance();
        return view;
    }

    private static int[] paint(ScopeView view, double scale) {
        int wide = (int) Math.ceil(WIDTH * scale);
        int high = (int) Math.ceil(HEIGHT * scale);
        BufferedImage image = new BufferedImage(wide, high, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.scale(scale, scale);
        view.paint(g);
        g.dispose();
        return image.getRGB(0, 0, wide, high, null, 0, wide);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 1.25, 2})
    void scrollingPaintsWhatPaintingAtOnceWould(double scale) {
        Columns columns = new Columns();
        ScopeView scrolled = view(columns, List.of());
        for (int i = 0; i < 60; i++) {
            addNoise(columns, random.nextInt(0, 23));
            scrolled.advance();
            paint(scrolled, scale);
        }
        assertTrue(Arrays.equals(paint(view(columns, List.of()), scale), paint(scrolled, scale)), "seed " + SEED);
    }

    @Test
    void lookingBackAndForthPaintsTheSame() {
        Columns columns = new Columns();
        addNoise(columns, 2_000);
        ScopeView view = view(columns, List.of());
        int[] before = paint(view, 1);
        view.move(-7.3);
        assertTrue(!view.following());
        assertEquals(20 - 7.3, view.endSeconds(), 0.011);
        int[] back = paint(view, 1);
        assertTrue(!Arrays.equals(before, back), "another part of the sound");
        addNoise(columns, 500);
        view.advance();
        assertTrue(Arrays.equals(back, paint(view, 1)), "it stays while new sound comes");
        view.move(-4.7);
        view.move(4.7);
        assertTrue(Arrays.equals(back, paint(view, 1)), "there and back");
        view.move(1e9);
        assertTrue(view.following());
        assertEquals(25, view.endSeconds(), 0.011);
    }

    @Test
    void nobodyLooksBackBeforeTheOldestSound() {
        Columns columns = new Columns();
        addNoise(columns, 300);
        ScopeView view = view(columns, List.of());
        view.move(-1e9);
        assertTrue(view.endSeconds() >= 0 && view.endSeconds() <= 3);
        paint(view, 1);
    }

    @Test
    void wordsStandUnderTheirSoundAndAreRevealed() {
        Columns columns = new Columns();
        List<Word> words = new ArrayList<>();
        addNoise(columns, 3_000);
        ScopeView view = view(columns, words);
        int[] without = paint(view, 1);
        words.add(new Word("four", 29.2, 29.6, 0.99f));
        assertTrue(!Arrays.equals(without, paint(view, 1)), "a word of this moment is seen");
        view.reveal(3.0, 3.4);
        assertTrue(view.endSeconds() > 3.4 && view.endSeconds() - view.shownSeconds() < 3.0, "in view");
    }

    @Test
    void withoutSoundItSaysWhatToDo() {
        ScopeView view = new ScopeView(Theme.light);
        view.setSize(WIDTH, HEIGHT);
        int[] blank = paint(view, 1);
        view.setHint("Press Listen", "or not");
        int[] hinted = paint(view, 1);
        assertTrue(!Arrays.equals(blank, hinted));
        view.setTheme(Theme.dark);
        assertNotEquals(hinted[0], paint(view, 1)[0], "another background");
    }

    @Test
    void loudIsBrighterThanSoftInBothThemes() {
        for (Theme theme : Theme.values()) {
            int[] map = theme.spectrum().rgb();
            double before = contrast(map[0], theme);
            for (int level = 32; level < map.length; level += 32) {
                double now = contrast(map[level], theme);
                assertTrue(now > before, theme + " at level " + level);
                before = now;
            }
            assertEquals(theme.surface().getRGB() & 0xFFFFFF, map[0], "silence is the background");
        }
    }

    /** How far from the background, in brightness. */
    private static double contrast(int rgb, Theme theme) {
        return Math.abs(light(rgb) - light(theme.surface().getRGB()));
    }

    private static double light(int rgb) {
        return 0.299 * (rgb >> 16 & 0xFF) + 0.587 * (rgb >> 8 & 0xFF) + 0.114 * (rgb & 0xFF);
    }
}
