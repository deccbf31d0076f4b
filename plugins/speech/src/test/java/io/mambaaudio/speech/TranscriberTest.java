package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TranscriberTest {
    private static final Mamba MODEL = TinyModel.open(7);
    private static final GateRules OPEN = new GateRules(0, -200);
    private static final EndpointRules QUICK = new EndpointRules(0.2, 0.2, 6, 5, false);

    private static Transcriber transcriber(List<TranscriptEvent> events, UnaryOperator<Transcriber.Builder> more) {
        return more.apply(Transcriber.builder(MODEL)
                        .backend(Backend.SCALAR)
                        .gateRules(OPEN)
                        .endpointRules(QUICK)
                        .listener(events::add))
                .build();
    }

    /** Bursts of tones and noise between near silence, different in each channel. */
    static float[][] sound(long seed, int channels, int rateHz, double seconds) {
        float[][] out = new float[channels][(int) (seconds * rateHz)];
        SplittableRandom random = new SplittableRandom(seed);
        double level = 0;
        double hz = 300;
        double phase = 0;
        for (int i = 0; i < out[0].length; i++) {
            if (i % (rateHz / 7) == 0) {
                level = random.nextInt(3) == 0 ? 0.0005 : random.nextDouble(0.02, 0.4);
                hz = random.nextDouble(100, 3000);
            }
            phase += 2 * Math.PI * hz / rateHz;
            for (float[] channel : out) {
                channel[i] = (float) (level * (Math.sin(phase) + 0.3 * random.nextDouble(-1, 1)));
            }
        }
        return out;
    }

    private static void feed(Transcriber transcriber, float[][] sound, int rateHz, int block) {
        StreamFormat format = new StreamFormat(rateHz, sound.length);
        assertEquals(format, transcriber.prepare(format, block));
        float[][] in = new float[sound.length][block];
        float[][] out = new float[sound.length][block];
        for (int at = 0; at < sound[0].length; at += block) {
            int n = Math.min(block, sound[0].length - at);
            for (int c = 0; c < sound.length; c++) {
                System.arraycopy(sound[c], at, in[c], 0, n);
            }
            transcriber.process(in, out, n);
            assertArrayEquals(in, out, "the sound passes through");
        }
        transcriber.finish();
    }

    @ParameterizedTest
    @CsvSource({"16000,1,1", "16000,1,8", "44100,2,1", "48000,2,4", "8000,1,1", "22050,3,1"})
    void anyBlockSizeGivesTheSameEvents(int rateHz, int channels, int beam) {
        float[][] sound = sound(3, channels, rateHz, 6);
        List<TranscriptEvent> whole = new ArrayList<>();
        feed(transcriber(whole, b -> b.beam(beam)), sound, rateHz, sound[0].length);
        assertTrue(whole.size() > 10, "events: " + whole.size());
        assertTrue(whole.stream().anyMatch(e -> e instanceof Final), "no final");
        System.out.println(rateHz + " Hz, beam " + beam + ": " + whole.size() + " events, last " + whole.getLast());
        for (int block : new int[] {1, 7, 160, 441, 1024, rateHz}) {
            List<TranscriptEvent> pieces = new ArrayList<>();
            feed(transcriber(pieces, b -> b.beam(beam)), sound, rateHz, block);
            assertEquals(whole, pieces, "block=" + block);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void timesNeverGoBackAndFinalsKeepWhatPartialsCommitted(int beam) {
        List<TranscriptEvent> events = new ArrayList<>();
        double seconds = 60;
        feed(transcriber(events, b -> b.beam(beam)), sound(4, 1, 16000, seconds), 16000, 1600);
        double at = 0;
        double word = 0;
        String committed = "";
        int finals = 0;
        for (TranscriptEvent event : events) {
            assertTrue(event.atSeconds() >= at && event.atSeconds() <= seconds);
            at = event.atSeconds();
            switch (event) {
                case Partial p -> {
                    assertTrue(p.committed().startsWith(committed), committed + " | " + p);
                    assertFalse(p.text().isEmpty());
                    committed = p.committed();
                }
                case Final f -> {
                    finals++;
                    assertTrue(f.text().startsWith(committed), committed + " | " + f);
                    committed = "";
                    assertEquals(
                            String.join(" ", f.words().stream().map(Word::text).toList()), f.text());
                    for (Word w : f.words()) {
                        assertTrue(w.startSeconds() >= word && w.endSeconds() >= w.startSeconds(), f.toString());
                        assertTrue(w.endSeconds() <= seconds && w.confidence() >= 0 && w.confidence() <= 1);
                        word = w.endSeconds();
                    }
                    assertEquals(f.words().getFirst().startSeconds(), f.startSeconds());
                    assertEquals(f.words().getLast().endSeconds(), f.endSeconds());
                }
            }
        }
        assertTrue(finals > 5, "finals: " + finals);
    }

    @Test
    void theWordsOfTheLastPartialAreInTheFinalAtTheEnd() {
        List<TranscriptEvent> events = new ArrayList<>();
        feed(transcriber(events, b -> b), sound(5, 1, 16000, 2.03), 16000, 256);
        assertTrue(events.getLast() instanceof Final, events.toString());
        Partial last = (Partial)
                events.stream().filter(e -> e instanceof Partial).toList().getLast();
        assertTrue(((Final) events.getLast()).text().startsWith(last.text()));
    }

    @Test
    void resetStartsAsIfJustPrepared() {
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber transcriber = transcriber(events, b -> b);
        float[][] sound = sound(6, 1, 16000, 5);
        feed(transcriber, sound, 16000, 500);
        List<TranscriptEvent> first = List.copyOf(events);
        events.clear();
        transcriber.reset();
        float[][] out = new float[1][sound[0].length];
        transcriber.process(sound, out, sound[0].length);
        transcriber.finish();
        assertEquals(first, events);
    }

    @Test
    void aStateResetAtEndpointsKeepsTheTimes() {
        List<TranscriptEvent> events = new ArrayList<>();
        EndpointRules rules = new EndpointRules(0.2, 0.2, 6, 5, true);
        feed(transcriber(events, b -> b.endpointRules(rules)), sound(4, 1, 16000, 20), 16000, 1600);
        double at = 0;
        for (TranscriptEvent event : events) {
            assertTrue(event.atSeconds() >= at);
            at = event.atSeconds();
        }
        assertTrue(at > 15, "last event at " + at);
    }

    @Test
    void transcribeGivesTheFinals() {
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber transcriber = transcriber(events, b -> b);
        List<Final> finals = transcriber.transcribe(sound(8, 1, 22050, 5)[0], 22050);
        assertFalse(finals.isEmpty());
        assertEquals(events.stream().filter(e -> e instanceof Final).toList(), finals);
        assertEquals(finals, transcriber.transcribe(sound(8, 1, 22050, 5)[0], 22050));
        assertEquals(events.size(), transcriber.events());
    }

    @Test
    void anUtteranceWithoutEndIsHandedOutInParts() {
        List<TranscriptEvent> events = new ArrayList<>();
        EndpointRules never = new EndpointRules(60, 60, 0, 2, false);
        feed(transcriber(events, b -> b.endpointRules(never)), sound(9, 1, 16000, 30), 16000, 1600);
        List<Final> finals = events.stream()
                .filter(e -> e instanceof Final)
                .map(Final.class::cast)
                .toList();
        assertTrue(finals.size() >= 10, "finals: " + finals.size());
        for (Final f : finals) {
            assertTrue(f.endSeconds() - f.startSeconds() < 6, f.toString());
        }
    }

    @Test
    void aClosedGateTellsNothingAndCounts() {
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber transcriber = transcriber(events, b -> b.gateRules(new GateRules(1, -200)));
        feed(transcriber, sound(4, 1, 16000, 10), 16000, 1600);
        assertEquals(List.of(), events);
        assertTrue(transcriber.stats().suppressed() > 0);
    }

    @Test
    void soundBelowTheAbsoluteFloorTellsNothing() {
        List<TranscriptEvent> events = new ArrayList<>();
        float[][] sound = sound(4, 1, 16000, 10);
        for (int i = 0; i < sound[0].length; i++) {
            sound[0][i] *= 1e-5f;
        }
        feed(transcriber(events, b -> b.gateRules(new GateRules(0, -75))), sound, 16000, 1600);
        assertEquals(List.of(), events);
    }

    @Test
    void brokenSamplesDoNotBreakTheStream() {
        List<TranscriptEvent> events = new ArrayList<>();
        float[][] sound = sound(4, 2, 48000, 10);
        for (int i = 20000; i < 21000; i++) {
            sound[0][i] = i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
            sound[1][i] = i % 3 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE;
        }
        feed(transcriber(events, b -> b.beam(4)), sound, 48000, 480);
        assertTrue(
                events.getLast().atSeconds() > 8,
                "the last event is at " + events.getLast().atSeconds());
        assertTrue(events.stream()
                .filter(e -> e instanceof Final)
                .map(Final.class::cast)
                .flatMap(f -> f.words().stream())
                .allMatch(w -> w.confidence() >= 0 && w.confidence() <= 1));
    }

    @Test
    void nothingAndOneSampleAreFine() {
        Transcriber transcriber = transcriber(new ArrayList<>(), b -> b.gateRules(GateRules.DEFAULT));
        assertEquals(List.of(), transcriber.transcribe(new float[0], 16000));
        assertEquals(List.of(), transcriber.transcribe(new float[1], 192000));
    }

    @Test
    void aRateFarFromTheModelsIsOneLine() {
        Transcriber transcriber = transcriber(new ArrayList<>(), b -> b);
        SpeechException e = assertThrows(SpeechException.class, () -> transcriber.prepare(new StreamFormat(10, 1), 10));
        assertEquals(
                "sound of 10 Hz cannot be brought to the model's 16000 Hz; give sound of 8000 Hz or more",
                e.getMessage());
    }

    @Test
    void statsCountStepsAndEvents() {
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber transcriber = transcriber(events, b -> b);
        feed(transcriber, sound(4, 1, 16000, 10), 16000, 1600);
        TranscriberStats stats = transcriber.stats();
        assertTrue(stats.steps() >= 246 && stats.steps() <= 270, stats.toString());
        assertEquals(events.size(), stats.partials() + stats.finals());
        assertTrue(stats.worstStepMillis() >= stats.meanStepMillis() && stats.meanStepMillis() > 0);
        assertEquals(135, transcriber.lookaheadMillis(), 1e-9);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void processAllocatesNothingWhenWarmAndWithoutEvents(int beam) {
        Transcriber transcriber = Transcriber.builder(TinyModel.silent())
                .backend(Backend.SCALAR)
                .beam(beam)
                .build();
        transcriber.prepare(new StreamFormat(48000, 2), 1920);
        float[][] sound = sound(4, 2, 48000, 4);
        float[][] in = new float[2][1920];
        float[][] out = new float[2][1920];
        int[] at = {0};
        Allocation.check(5000, () -> {
            at[0] = (at[0] + 1920) % (sound[0].length - 1920);
            System.arraycopy(sound[0], at[0], in[0], 0, 1920);
            System.arraycopy(sound[1], at[0], in[1], 0, 1920);
            transcriber.process(in, out, 1920);
        });
        assertEquals(0, transcriber.events());
        assertTrue(transcriber.stats().steps() >= 10_000);
    }

    /** Five minutes; {@code -Dspeech.soak.minutes=60} for an hour. */
    @Test
    void longSilenceChangesNothingThatComesAfter() {
        int minutes = Integer.getInteger("speech.soak.minutes", 5);
        List<TranscriptEvent> events = new ArrayList<>();
        Transcriber transcriber = transcriber(events, b -> b.gateRules(GateRules.DEFAULT));
        transcriber.prepare(new StreamFormat(16000, 1), 16000);
        float[][] out = new float[1][16000];
        for (int s = 0; s < 60 * minutes; s++) {
            transcriber.process(new float[1][16000], out, 16000);
        }
        assertEquals(List.of(), events);
        int size = transcriber.save().length;
        float[][] sound = sound(4, 1, 16000, 10);
        for (int at = 0; at < sound[0].length; at += 16000) {
            transcriber.process(new float[][] {java.util.Arrays.copyOfRange(sound[0], at, at + 16000)}, out, 16000);
        }
        transcriber.finish();
        List<Word> words = events.stream()
                .filter(e -> e instanceof Final)
                .flatMap(e -> ((Final) e).words().stream())
                .toList();
        assertTrue(words.size() > 5, "words: " + words.size());
        assertTrue(words.stream().allMatch(w -> w.confidence() > 0 && w.confidence() <= 1), words.toString());
        assertTrue(words.getLast().startSeconds() > 60 * minutes);
        assertTrue(transcriber.save().length <= size + 100_000);
    }
}
