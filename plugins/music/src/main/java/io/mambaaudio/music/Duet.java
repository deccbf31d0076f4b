package io.mambaaudio.music;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The two who play: the player, who is heard by the ear, and the machine's voice. All that changes while sound flows, for one format.
 * Decides who is heard, sample by sample.
 */
final class Duet implements AutoCloseable, NoteReader.Sink {
    private static final int PIECE = 480; // frames: a rest and its end never fall into one
    private static final long NEVER = Long.MAX_VALUE / 2;
    private static final double FADE_SECONDS = 0.02;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /** Who plays. */
    enum Mode {
        AUTO,
        LISTEN,
        CONTINUE
    }

    private final MusicModel model;
    private final Backend backend;
    private final Consumer<ContinuationEvent> listener;
    private final int rate;
    private final int fade; // frames
    private final Ear ear;
    private final Voice voice;
    private final RestDetector rests;
    private final Taste taste;
    private final Harmony harmony;
    private final Pulse pulse;
    private Mode wish = Mode.AUTO;
    private Wishes wishes = Wishes.NONE;
    private int key = Harmony.ANY; // that the machine keeps to
    private final long firstSeed;
    private long seed; // of the voice that comes next
    private long now; // frames processed
    private boolean along; // the voice plays, heard or not
    private boolean alone; // it was told to, and the player is not heard
    private long opens = NEVER; // when the voice begins to be heard
    private long closes = NEVER; // when it begins to fade out

    Duet(MusicModel model, Backend backend, StreamFormat format, long seed, Consumer<ContinuationEvent> listener) {
        this.model = model;
        this.backend = backend;
        this.listener = listener;
        this.firstSeed = seed;
        this.seed = seed;
        rate = format.sampleRateHz();
        fade = (int) Math.max(1, Math.round(FADE_SECONDS * rate));
        ear = new Ear(model, backend, format, PIECE, this::heardPair);
        taste = new Taste(model.shape().pitches(), model.shape().lowestPitch());
        harmony = new Harmony(model.stepsPerSecond(), model.shape().lowestPitch());
        pulse = new Pulse(model.stepsPerSecond());
        voice = new Voice(model, backend, rate, PIECE, taste, pulse, this);
        rests = new RestDetector(model.stepsPerSecond());
    }

    /**
     * What the machine's parameters say.
     *
     * @param temperature of notes
     * @param topP the share of the likeliest to choose from
     * @param soundTemperature of the sound
     * @param density odds of notes
     * @param register -1 low to 1 high
     * @param keyLock 0 to 1
     * @param tempoFollow 0 to 1
     */
    record Wishes(
            float temperature,
            float topP,
            float soundTemperature,
            float density,
            float register,
            float keyLock,
            float tempoFollow) {
        static final Wishes NONE = new Wishes(1, 1, 1, 1, 0, 0, 0);
    }

    void rules(Mode mode, Wishes newWishes, double restSeconds) {
        wish = mode;
        rests.restSeconds(restSeconds);
        wishes = newWishes;
        apply(voice);
    }

    private void apply(Voice to) {
        to.rules(wishes.temperature, wishes.topP, wishes.soundTemperature, wishes.tempoFollow);
        taste.rules(wishes.density, wishes.register, wishes.keyLock, key);
    }

    /** Key and beat of the player, as of now: they stay while the machine plays. */
    private void listenBack(Voice to) {
        key = harmony.key();
        pulse.settle();
        apply(to);
    }

    /** Any number of frames. */
    void process(float[][] in, float[][] out, int frames) {
        for (int at = 0; at < frames; at += PIECE) {
            piece(in, out, at, Math.min(PIECE, frames - at));
        }
    }

    private void piece(float[][] in, float[][] out, int at, int count) {
        if (wish == Mode.CONTINUE && opens == NEVER && ear.ready()) {
            if (!along) {
                begin();
            }
            open(now, true);
        }
        ear.push(in, at, count);
        if (along && now + count > opens) {
            voice.makeUpTo(now + count);
        }
        for (int i = at; i < at + count; i++, now++) {
            float own = weight(now);
            float machine = own == 0 ? 0 : own * voice.sample(now);
            float player = alone ? 1 - own : 1;
            for (int c = 0; c < out.length; c++) {
                float sum = player * in[c][i] + machine;
                out[c][i] = own == 0 ? in[c][i] : Math.max(-1, Math.min(1, sum));
            }
        }
        if (now >= closes + fade) {
            silence();
        }
    }

    /** How much of the voice is heard: a raised cosine up from {@code opens} and down from {@code closes}. */
    private float weight(long frame) {
        if (!along || frame < opens) {
            return 0;
        }
        double up = Math.min(1, (frame - opens + 1.0) / fade);
        double down = frame < closes ? 1 : Math.max(0, 1 - (frame - closes + 1.0) / fade);
        double phase = Math.min(up, down);
        return phase == 1 ? 1 : (float) (0.5 - 0.5 * Math.cos(Math.PI * phase));
    }

    /** The one place where it is decided who plays. */
    private void heardPair() {
        rests.hear(ear.power());
        if (rests.playing()) {
            int onsets = model.shape().featureSize();
            harmony.hear(
                    ear.row(), onsets + model.shape().pitches(), model.shape().pitches());
        }
        pulse.hear(ear.row(), model.shape().featureSize(), model.shape().pitches());
        if (!ear.ready() || closes != NEVER) {
            return;
        }
        boolean sounding = opens != NEVER;
        if (wish == Mode.LISTEN) {
            if (sounding) {
                closes = earliest();
            }
            along = sounding;
        } else if (sounding) {
            if (wish == Mode.AUTO && rests.playing()) {
                closes = earliest();
            }
        } else if (!rests.quiet()) {
            along = false;
        } else if (!along) {
            begin();
        } else if (rests.rested()) {
            open(earliest(), false);
        } else {
            voice.makeUpTo(earliest()); // in step, so that nothing is to be caught up with when it is heard
        }
    }

    private void begin() {
        along = true;
        listenBack(voice);
        voice.start(ear, seed, rests.loudness());
    }

    private void open(long frame, boolean withoutPlayer) {
        opens = frame;
        alone = withoutPlayer;
        seed += GOLDEN; // the next time something else
        listener.accept(new ContinuationEvent.TookOver((double) opens / rate));
    }

    /** The first frame that is not yet written at the moment when the newest pair is known, whatever the blocks are. */
    private long earliest() {
        double heard = (double) ear.pairEnd() / model.spec().sampleRateHz() + ear.delaySeconds();
        return (long) Math.ceil(heard * rate) + 1;
    }

    private void silence() {
        voice.endNotes();
        listener.accept(new ContinuationEvent.GaveBack((double) (closes + fade) / rate));
        along = false;
        alone = false;
        opens = NEVER;
        closes = NEVER;
    }

    void giveBack() {
        if (opens != NEVER) {
            closes = Math.min(closes, now - fade);
            silence();
        }
    }

    @Override
    public void on(int pitch, int velocity, long step) {
        if (opens != NEVER) {
            listener.accept(new ContinuationEvent.NoteOn(pitch, velocity, voice.secondsOf(step)));
        }
    }

    @Override
    public void off(int pitch, long step) {
        if (opens != NEVER) {
            listener.accept(new ContinuationEvent.NoteOff(pitch, voice.secondsOf(step)));
        }
    }

    void reset() {
        ear.reset();
        rests.reset();
        harmony.reset();
        pulse.reset();
        key = Harmony.ANY;
        now = 0;
        seed = firstSeed;
        along = false;
        alone = false;
        opens = NEVER;
        closes = NEVER;
    }

    /** Both halves, on silence, until the code is compiled. */
    void warmUp(int steps) {
        float[][] silence = new float[1][PIECE];
        double seconds = steps * 2.0 * model.spec().hopSamples() / model.spec().sampleRateHz();
        for (long at = 0; at < seconds * rate; at += PIECE) {
            ear.push(silence, 0, PIECE);
        }
        voice.makeUpTo((long) (2 * seconds * rate)); // from where it would go on if something had been heard
    }

    /** Goes on from here on trial, unheard and without a trace. */
    Continuer.Take audition(long trialSeed, int frames) {
        List<ContinuationEvent> notes = new ArrayList<>();
        float[] samples = new float[frames];
        NoteReader.Sink sink = new NoteReader.Sink() {
            @Override
            public void on(int pitch, int velocity, long step) {
                notes.add(new ContinuationEvent.NoteOn(pitch, velocity, voice.secondsOf(step)));
            }

            @Override
            public void off(int pitch, long step) {
                notes.add(new ContinuationEvent.NoteOff(pitch, voice.secondsOf(step)));
            }
        };
        try (Voice trial = new Voice(model, backend, rate, PIECE, taste, pulse, sink)) {
            listenBack(trial);
            trial.start(ear, trialSeed, rests.loudness());
            long from = now;
            for (int at = 0; at < frames; at += PIECE) {
                trial.makeUpTo(from + at + PIECE);
                for (int i = at; i < Math.min(frames, at + PIECE); i++) {
                    samples[i] = trial.sample(from + i);
                }
            }
            trial.endNotes();
        }
        return new Continuer.Take(trialSeed, samples, List.copyOf(notes));
    }

    /** The seed of the voice that comes next. */
    long seed() {
        return seed;
    }

    void seed(long next) {
        seed = next;
    }

    boolean canGoOn() {
        return ear.ready();
    }

    @Override
    public void close() {
        ear.close();
        voice.close();
    }
}
