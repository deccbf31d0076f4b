package io.mambaaudio.music;

import io.mambaaudio.engine.Parameter;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays on when the player stops: listens to the sound that passes through, takes over after a rest of the player (or when told to), and
 * gives back when the player begins again.
 *
 * <p>From the first quiet moment on the machine plays along unheard, so that after the rest it comes in where the music would be. It
 * begins in phase with what was heard, fades in over 20 ms, keeps about the loudness of the player, and never clips. Mono inside:
 * its sound goes to all channels. What the player plays passes through unchanged, but while {@link #MODE} says {@code continue}, where
 * the machine has the floor alone.
 *
 * <p>The same sound, seed and parameters give the same samples, whatever the blocks and whether file or live. Parameters are read at the
 * start of a block. Once warm nothing allocates but events, and a copy of the model's state when a rest begins. Memory does not
 * grow. One thread at a time, but for the parameters, which any thread may set.
 */
public final class Continuer implements Processor {
    /** Name of the parameter: who plays. */
    public static final String MODE = "mode";

    /** Name of the parameter: how daring the machine is; 1 as it learnt, 0 always the likeliest. */
    public static final String TEMPERATURE = "temperature";

    /** Name of the parameter: the share of the likeliest that it chooses from. */
    public static final String TOP_P = "top_p";

    /** Name of the parameter: how long a rest is before the machine takes over. */
    public static final String REST = "rest";

    private static final int PIECE = 480; // frames: a rest and its end never fall into one
    private static final long NEVER = Long.MAX_VALUE / 2;
    private static final double FADE_SECONDS = 0.02;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final MusicModel model;
    private final Backend backend;
    private final long seed;
    private final int warmUpSteps;
    private final Consumer<ContinuationEvent> listener;
    private final Parameter mode = Parameter.choice(MODE, List.of("auto", "listen", "continue"), "auto");
    private final Parameter temperature = new Parameter(TEMPERATURE, "", 0, 2, 1);
    private final Parameter topP = new Parameter(TOP_P, "", 0.05f, 1, 1);
    private final Parameter rest = new Parameter(REST, "seconds", 0.1f, 5, 0.6f);
    private final List<Parameter> parameters = List.of(mode, temperature, topP, rest);
    private @Nullable Stream stream;
    private long events;

    private Continuer(Builder builder) {
        model = builder.model;
        backend = builder.backend;
        seed = builder.seed;
        warmUpSteps = builder.warmUpSteps;
        listener = builder.listener;
    }

    /**
     * Starts to make a continuer.
     *
     * @param model what plays on
     * @return a builder with seed 1 and no listener
     */
    public static Builder builder(MusicModel model) {
        return new Builder(model);
    }

    @Override
    public String id() {
        return "music";
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * A parameter by its name.
     *
     * @param name one of the constants
     * @return the parameter
     */
    public Parameter parameter(String name) {
        return parameters.stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("parameter=" + name + " is unknown; choose one of "
                        + parameters.stream().map(Parameter::name).toList()));
    }

    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        close();
        if (warmUpSteps > 0) {
            try (Stream throwaway = new Stream(format)) {
                throwaway.warmUp();
            }
        }
        stream = new Stream(format);
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        Stream s = prepared();
        s.readParameters();
        for (int at = 0; at < frames; at += PIECE) {
            s.process(in, out, at, Math.min(PIECE, frames - at));
        }
    }

    @Override
    public void finish() {
        prepared().giveBack();
    }

    @Override
    public void reset() {
        prepared().reset();
    }

    @Override
    public long events() {
        return events;
    }

    /**
     * The model and where it computes.
     *
     * @return one line
     */
    public String describe() {
        return model.describe();
    }

    @Override
    public void close() {
        Stream s = stream;
        stream = null;
        if (s != null) {
            s.close();
        }
    }

    private Stream prepared() {
        Stream s = stream;
        if (s == null) {
            throw new IllegalStateException("the continuer was not prepared; call prepare first");
        }
        return s;
    }

    private void tell(ContinuationEvent event) {
        events++;
        listener.accept(event);
    }

    /** All that changes while sound flows, for one format. */
    private final class Stream implements AutoCloseable, NoteReader.Sink {
        private final int rate;
        private final int fade; // frames
        private final Ear ear;
        private final Voice voice;
        private final RestDetector rests;
        private int wish; // the mode's choice
        private long now; // frames processed
        private int takeovers;
        private boolean along; // the voice plays, heard or not
        private boolean alone; // it was told to, and the player is not heard
        private long opens = NEVER; // when the voice begins to be heard
        private long closes = NEVER; // when it begins to fade out

        Stream(StreamFormat format) {
            rate = format.sampleRateHz();
            fade = (int) Math.max(1, Math.round(FADE_SECONDS * rate));
            ear = new Ear(model, backend, format, PIECE, this::heardPair);
            voice = new Voice(model, backend, rate, PIECE, this);
            rests = new RestDetector(
                    (double) model.spec().sampleRateHz() / (2 * model.spec().hopSamples()));
            readParameters();
        }

        void readParameters() {
            wish = Math.round(mode.value());
            rests.restSeconds(rest.value());
            voice.rules(temperature.value(), topP.value());
        }

        void process(float[][] in, float[][] out, int at, int count) {
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
            if (!ear.ready() || closes != NEVER) {
                return;
            }
            boolean sounding = opens != NEVER;
            if (wish == 1) {
                if (sounding) {
                    closes = earliest();
                }
                along = sounding;
            } else if (sounding) {
                if (wish == 0 && rests.playing()) {
                    closes = earliest();
                }
            } else if (wish == 2) {
                if (!along) {
                    begin();
                }
                open(true);
            } else if (!rests.quiet()) {
                along = false;
            } else if (!along) {
                begin();
            } else if (rests.rested()) {
                open(false);
            } else {
                voice.makeUpTo(earliest()); // in step, so that nothing is to be caught up with when it is heard
            }
        }

        private void begin() {
            along = true;
            voice.start(ear, seed + GOLDEN * takeovers, rests.loudness());
        }

        private void open(boolean withoutPlayer) {
            opens = earliest();
            alone = withoutPlayer;
            takeovers++;
            tell(new ContinuationEvent.TookOver((double) opens / rate));
        }

        /** The first frame that is not yet written at the moment when the newest pair is known, whatever the blocks are. */
        private long earliest() {
            double heard = (double) ear.pairEnd() / model.spec().sampleRateHz() + ear.delaySeconds();
            return (long) Math.ceil(heard * rate) + 1;
        }

        private void silence() {
            voice.endNotes();
            tell(new ContinuationEvent.GaveBack((double) (closes + fade) / rate));
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
                tell(new ContinuationEvent.NoteOn(pitch, velocity, voice.secondsOf(step)));
            }
        }

        @Override
        public void off(int pitch, long step) {
            if (opens != NEVER) {
                tell(new ContinuationEvent.NoteOff(pitch, voice.secondsOf(step)));
            }
        }

        void reset() {
            ear.reset();
            rests.reset();
            now = 0;
            takeovers = 0;
            along = false;
            alone = false;
            opens = NEVER;
            closes = NEVER;
        }

        /** Both halves, on silence, until the code is compiled. */
        void warmUp() {
            float[][] silence = new float[1][PIECE];
            double seconds =
                    warmUpSteps * 2.0 * model.spec().hopSamples() / model.spec().sampleRateHz();
            for (long at = 0; at < seconds * rate; at += PIECE) {
                ear.push(silence, 0, PIECE);
            }
            voice.makeUpTo((long) (2 * seconds * rate)); // from where it would go on if something had been heard
        }

        @Override
        public void close() {
            ear.close();
            voice.close();
        }
    }

    /** Makes continuers. One thread at a time. */
    public static final class Builder {
        private final MusicModel model;
        private Backend backend = Backend.AUTO;
        private long seed = 1;
        private int warmUpSteps;
        private Consumer<ContinuationEvent> listener = event -> {};

        private Builder(MusicModel model) {
            this.model = Objects.requireNonNull(model, "model");
        }

        /**
         * Where the model computes.
         *
         * @param where default AUTO
         * @return this
         */
        public Builder backend(Backend where) {
            backend = where;
            return this;
        }

        /**
         * Which of all continuations.
         *
         * @param number any; the same number, sound and parameters give the same samples
         * @return this
         */
        public Builder seed(long number) {
            seed = number;
            return this;
        }

        /**
         * Who is told what happens.
         *
         * @param consumer called on the processing thread; should return soon
         * @return this
         */
        public Builder listener(Consumer<ContinuationEvent> consumer) {
            listener = consumer;
            return this;
        }

        /**
         * Steps of a throwaway stream that {@code prepare} runs, so that no step of the real one is slow.
         *
         * @param steps default 0; some hundred before a microphone opens
         * @return this
         */
        public Builder warmUpSteps(int steps) {
            warmUpSteps = steps;
            return this;
        }

        /**
         * Makes it.
         *
         * @return not prepared
         */
        public Continuer build() {
            return new Continuer(this);
        }
    }
}
