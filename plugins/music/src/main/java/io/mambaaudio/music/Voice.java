package io.mambaaudio.music;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.dsp.Resampler;
import io.mambaaudio.dsp.Vocoder;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Sampler;
import io.mambaaudio.models.Session;
import java.util.Arrays;

/**
 * The playing half: from the ear's state on, draws pair after pair, hears each itself, and makes sound of them at the stream's rate. It
 * makes as much as is asked for, and remembers the last bit; which samples it makes depends on nothing but where it began, the seed, and the
 * values of temperature and top-p at each step.
 */
final class Voice implements AutoCloseable, FrameHead.Draws {
    private static final double FULL_SCALE = 0.9; // beyond it the sound is bent, so that it never clips
    private static final double LOUDNESS_PAIRS = 100; // 2 s: how long loudness is averaged over
    private static final double LEAST_POWER = 1e-7;

    private final MelSpec spec;
    private final FrameHead head;
    private final FrameHead.Scratch scratch;
    private final NoteHead noteHead;
    private final NoteHead.Scratch noteScratch;
    private final Taste taste;
    private final Pulse pulse;
    private float[] begin; // (pitches) notes of the pair to come
    private float[] before; // of the newest
    private float[] earlier; // of the one before it
    private long firstStep; // of its own
    private final Session session;
    private final Vocoder vocoder;
    private final Resampler resampler;
    private final Sampler sampler;
    private final NoteReader notes;
    private final NoteReader.Sink sink;
    private final double rateRatio; // samples of the stream for one of the model's
    private final float[] row;
    private final float[] past; // (4, nMels)
    private final float[] pair; // (2, nMels)
    private final float[] frame; // (nMels)
    private final float[] primer;
    private final float[] made; // (2 hop) at the model's rate
    private final float[] resampled;
    private final float[] ring; // sound at the stream's rate
    private long ringEnd; // the stream's sample after the last in ring
    private long steps; // since the start of the stream, of the newest pair
    private double promptPower;
    private double ownPower;
    private double gain;
    private float temperature = 1;
    private float topP = 1;
    private float soundTemperature = 1;
    private float tempoFollow;
    private float choiceTemperature = 1; // of what is drawn now

    /** Draws with a taste and follows a pulse that are not its own: the caller sets them. */
    Voice(
            MusicModel model,
            Backend backend,
            int sampleRateHz,
            int maxFrames,
            Taste taste,
            Pulse pulse,
            NoteReader.Sink sink) {
        this.spec = model.spec();
        this.head = model.head();
        this.scratch = head.scratch();
        this.session = model.mamba().open(backend);
        this.vocoder = new Vocoder(spec);
        this.resampler = Resampler.of(spec.sampleRateHz(), sampleRateHz);
        this.noteHead = model.notes();
        this.noteScratch = noteHead.scratch();
        this.taste = taste;
        this.pulse = pulse;
        int pitches = model.shape().pitches();
        this.begin = new float[pitches];
        this.before = new float[pitches];
        this.earlier = new float[pitches];
        this.sampler = new Sampler(0, Math.max(pitches, head.maxComponents()));
        this.notes = new NoteReader(model.shape());
        this.sink = sink;
        this.rateRatio = (double) sampleRateHz / spec.sampleRateHz();
        this.row = new float[model.mamba().config().vocabSize()];
        this.past = new float[FrameHead.CONTEXT_FRAMES * spec.nMels()];
        this.pair = new float[2 * spec.nMels()];
        this.frame = new float[spec.nMels()];
        this.primer = new float[vocoder.primeSamples()];
        this.made = new float[2 * spec.hopSamples()];
        this.resampled = new float[resampler.maxOutput(made.length)];
        int needed = maxFrames + 4 * resampled.length + sampleRateHz / 5;
        this.ring = new float[Integer.highestOneBit(needed) << 1];
    }

    /** Goes on from where the ear is. */
    void start(Ear ear, long seed, double loudness) {
        session.restore(ear.snapshot());
        System.arraycopy(ear.row(), 0, row, 0, row.length);
        ear.lastFrames(past);
        sampler.reseed(seed);
        vocoder.reset();
        ear.soundUnderNextPair(primer);
        vocoder.prime(primer, 0);
        resampler.reset();
        Arrays.fill(ring, 0);
        ringEnd = Math.round(ear.nextPair() * rateRatio);
        steps = ear.nextPair() / (2 * spec.hopSamples()) - 1;
        firstStep = steps + 1;
        Arrays.fill(before, 0);
        Arrays.fill(earlier, 0);
        notes.reset();
        promptPower = Math.max(loudness, LEAST_POWER);
        ownPower = promptPower;
        gain = 1;
    }

    /** The temperature of the sound may be another than that of the notes. */
    void rules(float newTemperature, float newTopP, float newSoundTemperature, float follow) {
        temperature = newTemperature;
        topP = newTopP;
        soundTemperature = newSoundTemperature;
        tempoFollow = follow;
    }

    /** Makes sound up to a sample of the stream. */
    void makeUpTo(long end) {
        while (ringEnd < end) {
            step();
        }
    }

    private void step() {
        drawNotes();
        noteHead.sound(row, begin, before, noteScratch);
        choiceTemperature = soundTemperature;
        head.draw(noteScratch.features(), past, this, scratch, pair);
        float[] oldest = earlier;
        earlier = before;
        before = begin;
        begin = oldest;
        System.arraycopy(past, pair.length, past, 0, past.length - pair.length);
        System.arraycopy(pair, 0, past, past.length - pair.length, pair.length);
        int count = 0;
        for (int half = 0; half < 2; half++) {
            System.arraycopy(pair, half * frame.length, frame, 0, frame.length);
            count += vocoder.push(frame, made, count);
            session.step(frame, row);
        }
        steps++;
        notes.read(row, earlier, steps - 1, sink); // rows speak of the step before, and so does earlier now
        level(count);
        int out = resampler.push(made, 0, count, resampled, 0);
        for (int i = 0; i < out; i++) {
            ring[(int) (ringEnd + i) & (ring.length - 1)] = resampled[i];
        }
        ringEnd += out;
    }

    /** What the player struck last, the model only hears; its own notes are told to it from the third step on. */
    private void drawNotes() {
        taste.beat(pulse.odds(steps + 1, tempoFollow));
        choiceTemperature = temperature;
        boolean known = steps + 1 >= firstStep + 2;
        noteHead.draw(row, before, earlier, known, taste, temperature, this, noteScratch, begin);
    }

    @Override
    public int component(float[] logits, int count) {
        return sampler.choose(logits, 0, count, choiceTemperature, topP);
    }

    @Override
    public double deviations() {
        return sampler.normal() * Math.sqrt(soundTemperature);
    }

    @Override
    public boolean happens(double probability) {
        return sampler.uniform() < probability;
    }

    /** Keeps the loudness near that of what was heard, within 6 dB and slowly, so that phrases stay phrases; then bends peaks. */
    private void level(int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += made[i] * made[i];
        }
        ownPower += (sum / Math.max(1, count) - ownPower) / LOUDNESS_PAIRS;
        double wanted = Math.sqrt(promptPower / Math.max(ownPower, LEAST_POWER));
        double next = gain + (Math.max(0.5, Math.min(2, wanted)) - gain) / LOUDNESS_PAIRS;
        for (int i = 0; i < count; i++) {
            double x = made[i] * (gain + (next - gain) * i / count);
            made[i] = (float) bent(x);
        }
        gain = next;
    }

    private static double bent(double x) {
        double over = Math.abs(x) - FULL_SCALE;
        return over <= 0 ? x : Math.copySign(FULL_SCALE + (1 - FULL_SCALE) * Math.tanh(over / (1 - FULL_SCALE)), x);
    }

    /** A sample of the stream that was made, 0 where it is not remembered. */
    float sample(long at) {
        return at < ringEnd && at >= ringEnd - ring.length ? ring[(int) at & (ring.length - 1)] : 0;
    }

    /** Where in the stream a step's onsets lie: in the middle of those that the model learnt to place there (three quarters of a hop early). */
    double secondsOf(long step) {
        return (step * 2.0 * spec.hopSamples() + spec.windowSamples() - 0.75 * spec.hopSamples()) / spec.sampleRateHz();
    }

    void endNotes() {
        notes.end(steps, sink);
    }

    @Override
    public void close() {
        session.close();
    }
}
