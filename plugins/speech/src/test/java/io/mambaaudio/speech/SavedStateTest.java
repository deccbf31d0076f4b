package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SavedStateTest {
    @TempDir
    private Path folder;

    private static final Mamba MODEL = TinyModel.open(7);
    private static final EndpointRules QUICK = new EndpointRules(0.2, 0.2, 6, 5, false);

    private static Transcriber open(Mamba model, int beam, int rateHz, List<TranscriptEvent> events) {
        Transcriber transcriber = Transcriber.builder(model)
                .backend(Backend.SCALAR)
                .gateRules(new GateRules(0, -200))
                .endpointRules(QUICK)
                .beam(beam)
                .listener(events::add)
                .build();
        transcriber.prepare(new StreamFormat(rateHz, 1), 4096);
        return transcriber;
    }

    private static void feed(Transcriber transcriber, float[] sound, int from, int to) {
        float[][] out = new float[1][1000];
        for (int at = from; at < to; at += 1000) {
            int n = Math.min(1000, to - at);
            float[][] in = {java.util.Arrays.copyOfRange(sound, at, at + 1000)};
            transcriber.process(in, out, n);
        }
    }

    @ParameterizedTest
    @CsvSource({"16000,1", "16000,8", "44100,1", "48000,4", "8000,2", "44099,1", "96000,1", "11025,1"})
    void aRestoredStreamGoesOnAsIfNothingHadHappened(int rateHz, int beam) {
        float[] sound = TranscriberTest.sound(3, 1, rateHz, 6)[0];
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber whole = open(MODEL, beam, rateHz, events);
        feed(whole, sound, 0, sound.length);
        whole.finish();
        for (double seconds : new double[] {0, 0.01, 0.5, 2.347, 4.9991}) {
            int cut = (int) (seconds * rateHz);
            List<TranscriptEvent> first = new ArrayList<>();
            Transcriber before = open(MODEL, beam, rateHz, first);
            feed(before, sound, 0, cut);
            byte[] saved = before.save();
            for (int fork = 0; fork < 2; fork++) {
                List<TranscriptEvent> all = new ArrayList<>(first);
                Transcriber after = open(MODEL, beam, rateHz, all);
                feed(after, sound, 1234 * fork, 3000);
                all.subList(first.size(), all.size()).clear();
                after.restore(saved);
                feed(after, sound, cut, sound.length);
                after.finish();
                assertEquals(events, all, "cut at " + seconds + " s, fork " + fork);
            }
        }
    }

    @Test
    void aSearchWithALanguageModelGoesOnToTheSameBits() throws IOException {
        Path arpa = folder.resolve("lm.arpa");
        Files.writeString(
                arpa,
                NGramTest.ARPA
                        .replace("red", "ab")
                        .replace("Ball", "ball")
                        .replace("ball", "ca")
                        .replace("roof", "b"));
        NGram.writeCompact(arpa, folder.resolve("lm.ngram"));
        BeamOptions options = BeamOptions.of(8).withLanguageModel(NGram.read(folder.resolve("lm.ngram")), 0.4, 0.5);
        Pieces pieces = new Pieces(TinyModel.PIECES);
        float[][] rows = Texts.random(new SplittableRandom(9), 400, TinyModel.PIECES.size(), 2);
        for (int cut : new int[] {1, 57, 200, 399}) {
            BeamDecoder whole = new BeamDecoder(pieces, options);
            Texts.Collected expected = new Texts.Collected();
            Texts.Collected found = new Texts.Collected();
            BeamDecoder fork = new BeamDecoder(pieces, options);
            for (int t = 0; t < rows.length; t++) {
                if (t == cut) {
                    SavedState.load(SavedState.save(whole), fork);
                }
                whole.accept(t, rows[t], t < cut ? new Texts.Collected() : expected);
                if (t >= cut) {
                    fork.accept(t, rows[t], found);
                    assertEquals(whole.search().hypotheses(), fork.search().hypotheses());
                }
            }
            whole.finish(expected);
            fork.finish(found);
            assertEquals(expected.words, found.words);
            assertEquals(expected.confidences, found.confidences);
        }
    }

    @Test
    void theSizeDoesNotGrowWithTheStream() {
        Mamba silent = TinyModel.silent();
        Transcriber transcriber = open(silent, 8, 48000, new ArrayList<>());
        float[] sound = TranscriberTest.sound(3, 1, 48000, 3)[0];
        feed(transcriber, sound, 0, 1000);
        int size = transcriber.save().length;
        for (int i = 0; i < 5; i++) {
            feed(transcriber, sound, 0, sound.length - 1000);
            assertEquals(size, transcriber.save().length);
        }
    }

    @Test
    void anotherConfigurationOrModelIsRefused() {
        byte[] saved = open(MODEL, 4, 16000, new ArrayList<>()).save();
        SpeechException e = assertThrows(SpeechException.class, () -> open(MODEL, 1, 16000, new ArrayList<>())
                .restore(saved));
        assertEquals(
                "saved state has beam=4, this transcriber has 1; restore into one that is built and prepared alike",
                e.getMessage());
        Transcriber helped = Transcriber.builder(MODEL)
                .backend(Backend.SCALAR)
                .beam(4)
                .hotwords(Hotwords.of("bad"))
                .build();
        helped.prepare(new StreamFormat(16000, 1), 4096);
        e = assertThrows(SpeechException.class, () -> helped.restore(saved));
        assertTrue(e.getMessage().contains("language model and hotwords=0"), e.getMessage());
        assertThrows(SpeechException.class, () -> open(MODEL, 4, 8000, new ArrayList<>())
                .restore(saved));
        assertThrows(ModelException.class, () -> open(TinyModel.open(8), 4, 16000, new ArrayList<>())
                .restore(saved));
    }

    @Test
    void damageIsRefusedAndTheStreamStartsAfresh() {
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber transcriber = open(MODEL, 1, 16000, events);
        float[] sound = TranscriberTest.sound(3, 1, 16000, 3)[0];
        byte[] saved = transcriber.save();
        feed(transcriber, sound, 0, sound.length - 1000);
        transcriber.finish();
        List<TranscriptEvent> fresh = List.copyOf(events);
        for (int at = 0; at < saved.length; at += 997) {
            byte[] damaged = saved.clone();
            damaged[at] ^= 4;
            assertThrows(SpeechException.class, () -> transcriber.restore(damaged));
        }
        for (int length : new int[] {0, 7, 12, saved.length - 1}) {
            assertThrows(SpeechException.class, () -> transcriber.restore(java.util.Arrays.copyOf(saved, length)));
        }
        events.clear();
        feed(transcriber, sound, 0, sound.length - 1000);
        transcriber.finish();
        assertEquals(fresh, events);
        assertTrue(fresh.size() > 3);
    }
}
