package io.mambaaudio.demo.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import io.mambaaudio.speech.TranscriptWriter.Format;
import java.awt.Color;
import java.awt.EventQueue;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.swing.text.AttributeSet;
import javax.swing.text.BadLocationException;
import javax.swing.text.StyleConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The text as it settles, and as it is saved. */
final class TranscriptViewTest {
    private final Transcript transcript = new Transcript();
    private final List<Word> pointed = new ArrayList<>();
    private final TranscriptView view = new TranscriptView(Theme.light, pointed::add);

    static Final said(double start, float confidence, String... texts) {
        List<Word> words = new ArrayList<>();
        for (String text : texts) {
            double at = start + 0.5 * words.size();
            words.add(new Word(text, at, at + 0.4, confidence));
        }
        double end = words.getLast().endSeconds();
        return new Final(String.join(" ", texts), words, start, end, end + 0.5);
    }

    private void add(Final said) {
        transcript.add(said);
        view.accept(said);
    }

    @BeforeEach
    void begin() {
        view.setSize(600, 400);
        transcript.begin("talk.wav");
        view.begin("talk.wav");
    }

    private String text() throws BadLocationException {
        return view.getDocument().getText(0, view.getDocument().getLength());
    }

    private AttributeSet styleOf(String word) throws BadLocationException {
        return view.getStyledDocument()
                .getCharacterElement(text().indexOf(word))
                .getAttributes();
    }

    @Test
    void whatIsSettledLooksOtherThanWhatIsNot() throws BadLocationException {
        view.accept(new Partial("four thousand", "seven", 2));
        assertEquals("talk.wav\nfour thousand seven", text());
        assertFalse(StyleConstants.isItalic(styleOf("four")));
        assertTrue(StyleConstants.isItalic(styleOf("seven")));
        assertNotEquals(StyleConstants.getForeground(styleOf("four")), StyleConstants.getForeground(styleOf("seven")));
    }

    @Test
    void theFinalTextTakesThePlaceOfTheOneBefore() throws BadLocationException {
        view.accept(new Partial("", "fore", 1));
        view.accept(new Partial("four", "thou", 2));
        add(said(0.5, 1, "four", "thousand"));
        assertEquals("talk.wav\nfour thousand \n", text());
        view.accept(new Partial("", "seven", 3));
        view.accept(new Partial("", "", 3.5));
        assertEquals("talk.wav\nfour thousand \n", text(), "what came to nothing leaves nothing");
    }

    @Test
    void aTakeWithoutWordsLeavesNoHeading() throws BadLocationException {
        transcript.begin("other.wav");
        view.begin("other.wav");
        assertEquals("other.wav\n", text());
        add(said(0, 1, "yes"));
        transcript.begin("third.wav");
        view.begin("third.wav");
        assertEquals("other.wav\nyes \nthird.wav\n", text());
    }

    @Test
    void theCaretOnAWordPointsToItsSound() throws BadLocationException {
        add(said(0.5, 1, "four", "thousand"));
        view.setCaretPosition(text().indexOf("thousand") + 2);
        assertEquals(1, pointed.size());
        assertEquals("thousand", pointed.getFirst().text());
        assertEquals("“thousand”  1.00 to 1.40 s, 100 % sure", Words.describe(pointed.getFirst()));
        view.begin("other.wav");
        view.setCaretPosition(text().indexOf("four") + 1);
        assertEquals(1, pointed.size(), "the sound of a take that is over is gone");
    }

    @Test
    void theLessSureTheStrongerTheTint() throws Exception {
        double sure = tintedPixels(said(0, 0.95f, "four"));
        double doubtful = tintedPixels(said(0, 0.7f, "four"));
        double guessed = tintedPixels(said(0, 0.3f, "four"));
        assertEquals(0, sure);
        assertTrue(doubtful > 0 && guessed > doubtful, sure + " " + doubtful + " " + guessed);
    }

    /** How yellow the picture is. */
    private static double tintedPixels(Final said) throws Exception {
        TranscriptView one = new TranscriptView(Theme.light, word -> {});
        one.setSize(400, 100);
        one.begin("x");
        one.accept(said);
        EventQueue.invokeAndWait(() -> {});
        BufferedImage image = new BufferedImage(400, 100, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setClip(0, 0, 400, 100);
        one.paint(g);
        g.dispose();
        double sum = 0;
        for (int y = 0; y < 100; y++) {
            for (int x = 0; x < 400; x++) {
                Color colour = new Color(image.getRGB(x, y));
                sum += Math.max(0, colour.getRed() - colour.getBlue() - 8);
            }
        }
        return sum;
    }

    @Test
    void anotherThemeKeepsTheText() throws BadLocationException {
        add(said(0, 1, "four", "thousand"));
        view.accept(new Partial("seven", "hun", 3));
        String before = text();
        view.setTheme(Theme.dark, transcript);
        assertEquals(before, text());
        assertEquals(Theme.dark.ink(), StyleConstants.getForeground(styleOf("four")));
    }

    @Test
    void aLongStreamDropsItsOldestLinesFromViewOnly() throws BadLocationException {
        for (int i = 0; i < 2_300; i++) {
            add(said(i, 1, "word" + i, "again"));
        }
        assertFalse(text().contains("word1 "), "the oldest is out of view");
        assertTrue(text().endsWith("word2299 again \n"));
        view.setCaretPosition(text().indexOf("word2000") + 3);
        assertEquals("word2000", pointed.getLast().text(), "words are still found");
        assertTrue(saved(Format.text).startsWith("word0 again\nword1 again\n"), "and all is saved");
    }

    private String saved(Format format) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Transcript.write(transcript.forFormat(format), format, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void textHoldsAllTakesAndSubtitlesTheLast() {
        add(said(0.5, 1, "four", "thousand"));
        transcript.begin("second.wav");
        add(said(1, 1, "yes"));
        transcript.begin("third.wav"); // nothing is said in it
        assertEquals("four thousand\nyes\n", saved(Format.text));
        assertEquals("1\n00:00:01,000 --> 00:00:01,400\nyes\n\n", saved(Format.srt));
        assertEquals("WEBVTT\n\n00:00:01.000 --> 00:00:01.400\nyes\n\n", saved(Format.vtt));
        assertTrue(saved(Format.json).startsWith("{\"input\":\"talk.wav\""), saved(Format.json));
    }
}
