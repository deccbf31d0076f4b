package io.mambaaudio.music;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ContinuerTest {
    private static final int RATE = 44_100;
    private static final MusicModel MODEL = Tiny.model();
    private static final float[] PLAYED = Tiny.music(RATE, 5, 3);

    private final List<ContinuationEvent> events = new ArrayList<>();

    @Test
    void takesOverAfterARest() {
        float[] out = run(continuer(1), PLAYED, 441);
        double at = tookOver();
        System.out.printf("Continuer: the player stops at 3.00 s, the machine begins at %.3f s%n", at);
        assertTrue(at > 3.5 && at < 3.9, "began at " + at); // the last chord fades out, then 0.6 s of rest
        int opens = (int) Math.round(at * RATE);
        assertArrayEquals(Arrays.copyOf(PLAYED, opens), Arrays.copyOf(out, opens), "the player passes through");
        assertTrue(power(out, opens + RATE / 5, out.length) > 1e-6, "the machine is not heard");
    }

    @Test
    void anyBlockSizeGivesTheSameSamples() {
        float[] whole = run(continuer(1), PLAYED, PLAYED.length);
        for (int block : new int[] {1, 64, 441, 480, 481, 4096}) {
            assertArrayEquals(whole, run(continuer(1), PLAYED, block), "block=" + block);
        }
        Continuer continuer = continuer(1);
        Random random = new Random(Tiny.SEED);
        continuer.prepare(new StreamFormat(RATE, 1), 2000);
        float[] out = new float[PLAYED.length];
        for (int at = 0; at < out.length; ) {
            int n = Math.min(random.nextInt(2000), out.length - at);
            process(continuer, PLAYED, out, at, n);
            at += n;
        }
        assertArrayEquals(whole, out, "seed=" + Tiny.SEED);
    }

    @Test
    void theSeedDecides() {
        float[] one = run(continuer(1), PLAYED, 441);
        assertArrayEquals(one, run(continuer(1), PLAYED, 441));
        assertFalse(Arrays.equals(one, run(continuer(2), PLAYED, 441)));
    }

    @Test
    void fileAndArrayAndLivePacesAgree() {
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(AudioInputs.array(new float[][] {PLAYED}, RATE), List.of(continuer(1)), output);
        assertArrayEquals(run(continuer(1), PLAYED, 441), output.samples()[0]);
    }

    @Test
    void resetStartsAfresh() {
        Continuer continuer = continuer(1);
        float[] once = run(continuer, PLAYED, 441);
        continuer.reset();
        float[] again = new float[PLAYED.length];
        for (int at = 0; at < again.length; at += 441) {
            process(continuer, PLAYED, again, at, Math.min(441, again.length - at));
        }
        assertArrayEquals(once, again);
    }

    @Test
    void givesBackWhenThePlayerBeginsAgain() {
        float[] sound = Arrays.copyOf(PLAYED, 7 * RATE);
        System.arraycopy(PLAYED, 0, sound, 5 * RATE, 2 * RATE);
        float[] out = run(continuer(1), sound, 441);
        double back = time(ContinuationEvent.GaveBack.class);
        System.out.printf("Continuer: the player begins at 5.00 s, the machine is silent at %.3f s%n", back);
        assertTrue(back > 5 && back < 5.15, "silent at " + back);
        int from = (int) Math.round(back * RATE) + 1;
        assertArrayEquals(
                Arrays.copyOfRange(sound, from, sound.length), Arrays.copyOfRange(out, from, out.length), "player");
        notesEnd();
    }

    @Test
    void takesTheFloorWhenToldToWithoutAStep() {
        Continuer continuer = continuer(1);
        continuer.prepare(new StreamFormat(RATE, 1), 441);
        float[] out = new float[4 * RATE];
        for (int at = 0; at < out.length; at += 441) {
            if (at == 441 * 200) { // at 2 s, in the middle of a chord
                continuer.parameter(Continuer.MODE).set(2);
            }
            process(continuer, PLAYED, out, at, Math.min(441, out.length - at));
        }
        double at = tookOver();
        assertTrue(Math.abs(at - 2) < 1e-6, "took over at " + at);
        int seam = (int) Math.round(at * RATE);
        double before = 10 * Math.log10(power(out, seam - 882, seam));
        double after = 10 * Math.log10(power(out, seam, seam + 882));
        double largestStep = 0;
        for (int i = seam - 100; i < seam + 1000; i++) {
            largestStep = Math.max(largestStep, Math.abs(out[i + 1] - out[i]));
        }
        double usual = 0;
        for (int i = RATE; i < seam - 100; i++) {
            usual = Math.max(usual, Math.abs(out[i + 1] - out[i]));
        }
        System.out.printf(
                "Continuer: seam %.1f dB to %.1f dB, step %.3f (before %.3f)%n", before, after, largestStep, usual);
        assertTrue(largestStep < 1.5 * usual, "a click: " + largestStep);
        assertTrue(Math.abs(after - before) < 6, "a step in loudness: " + before + " dB to " + after + " dB");
    }

    @Test
    void aTakeThatIsChosenIsWhatIsPlayed() {
        Continuer continuer = continuer(1);
        continuer.prepare(new StreamFormat(RATE, 1), 441);
        float[] out = new float[4 * RATE];
        List<Continuer.Take> takes = List.of();
        int seam = 441 * 200;
        for (int at = 0; at < out.length; at += 441) {
            if (at == seam) {
                takes = continuer.audition(3, 1);
                continuer.choose(takes.get(2));
                continuer.parameter(Continuer.MODE).set(2);
            }
            process(continuer, PLAYED, out, at, Math.min(441, out.length - at));
        }
        assertEquals(3, takes.stream().map(Continuer.Take::seed).distinct().count());
        assertFalse(Arrays.equals(takes.get(0).samples(), takes.get(1).samples()), "two takes are one");
        int fade = RATE / 50 + 1;
        assertArrayEquals(
                Arrays.copyOfRange(takes.get(2).samples(), fade, RATE),
                Arrays.copyOfRange(out, seam + fade, seam + RATE),
                "what is played is not the take that was chosen");
    }

    @Test
    void listensOnlyWhenToldTo() {
        Continuer continuer = continuer(1);
        continuer.parameter(Continuer.MODE).set(1);
        assertArrayEquals(PLAYED, run(continuer, PLAYED, 441));
        assertEquals(List.of(), events);
    }

    @Test
    void silenceAndNoiseThatIsNoMusicStaySo() {
        float[] silence = new float[2 * RATE];
        assertArrayEquals(silence, run(continuer(1), silence, 441));
        assertEquals(List.of(), events);
    }

    @Test
    void neverClipsAndStaysFinite() {
        float[] loud = PLAYED.clone();
        for (int i = 0; i < loud.length; i++) {
            loud[i] = Math.max(-1, Math.min(1, 8 * loud[i]));
        }
        Continuer continuer = continuer(3);
        continuer.parameter(Continuer.TEMPERATURE).set(2);
        for (float sample : run(continuer, loud, 441)) {
            assertTrue(Math.abs(sample) <= 1, "sample " + sample);
        }
    }

    @Test
    void everyNoteThatBeginsEnds() {
        run(continuer(1), Tiny.music(RATE, 6, 3), 441);
        notesEnd();
    }

    @Test
    void allChannelsGetTheMachineAndAnyRateWorks() {
        for (int rate : new int[] {8_000, 24_000, 48_000}) {
            float[] played = Tiny.music(rate, 5, 3);
            Continuer continuer = continuer(1);
            continuer.prepare(new StreamFormat(rate, 2), 1024);
            float[][] in = {played, played};
            float[][] out = new float[2][played.length];
            continuer.process(in, out, played.length);
            continuer.finish();
            assertArrayEquals(out[0], out[1]);
            assertTrue(power(out[0], 4 * rate, 5 * rate) > 1e-7, "rate=" + rate);
            continuer.close();
        }
    }

    @Test
    void processAllocatesNothingOnceWarm() {
        Continuer continuer =
                Continuer.builder(MODEL).backend(Backend.SCALAR).seed(1).build();
        continuer.prepare(new StreamFormat(RATE, 1), 441);
        float[][] in = {new float[441]};
        float[][] out = {new float[441]};
        for (int at = 0; at + 441 <= PLAYED.length; at += 441) {
            System.arraycopy(PLAYED, at, in[0], 0, 441);
            continuer.process(in, out, 441);
        }
        Arrays.fill(in[0], 0);
        long least = Long.MAX_VALUE; // events allocate, so not every second is without
        for (int run = 0; run < 200; run++) {
            least = Math.min(least, Allocation.bytes(() -> continuer.process(in, out, 441)));
        }
        assertEquals(0, least);
        continuer.close();
    }

    private Continuer continuer(long seed) {
        events.clear();
        return Continuer.builder(MODEL)
                .backend(Backend.SCALAR)
                .seed(seed)
                .listener(events::add)
                .build();
    }

    private static float[] run(Continuer continuer, float[] sound, int block) {
        continuer.prepare(new StreamFormat(RATE, 1), block);
        float[] out = new float[sound.length];
        for (int at = 0; at < sound.length; at += block) {
            process(continuer, sound, out, at, Math.min(block, sound.length - at));
        }
        continuer.finish();
        return out;
    }

    private static void process(Continuer continuer, float[] sound, float[] out, int at, int n) {
        float[][] in = {Arrays.copyOfRange(sound, at, at + n)};
        float[][] result = new float[1][n];
        continuer.process(in, result, n);
        System.arraycopy(result[0], 0, out, at, n);
    }

    private double tookOver() {
        return time(ContinuationEvent.TookOver.class);
    }

    private double time(Class<? extends ContinuationEvent> type) {
        return events.stream()
                .filter(type::isInstance)
                .mapToDouble(ContinuationEvent::atSeconds)
                .findFirst()
                .orElse(Double.NaN);
    }

    private void notesEnd() {
        boolean[] sounding = new boolean[128];
        for (ContinuationEvent event : events) {
            if (event instanceof ContinuationEvent.NoteOn on) {
                assertFalse(sounding[on.pitch()], "began twice: " + on);
                sounding[on.pitch()] = true;
            } else if (event instanceof ContinuationEvent.NoteOff off) {
                sounding[off.pitch()] = false; // one that began unheard may end
            }
        }
        assertArrayEquals(new boolean[128], sounding);
    }

    private static double power(float[] x, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += x[i] * x[i];
        }
        return sum / (to - from);
    }
}
