package io.mambaaudio.music;

import io.mambaaudio.engine.Parameter;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import java.util.ArrayList;
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

    /** Name of the parameter: how daring its sound is, apart from its notes. */
    public static final String SOUND_TEMPERATURE = "sound_temperature";

    /** Name of the parameter: how often notes begin; 1 as the music goes, 2 at twice the odds. */
    public static final String DENSITY = "density";

    /** Name of the parameter: -1 prefers low notes, 1 high ones. */
    public static final String REGISTER = "register";

    /** Name of the parameter: how much notes outside of the player's key are shunned, 0 to 1. */
    public static final String KEY_LOCK = "key_lock";

    /** Name of the parameter: how much notes keep to the player's beat, 0 to 1. */
    public static final String TEMPO_FOLLOW = "tempo_follow";

    /** Name of the parameter: how long a rest is before the machine takes over. */
    public static final String REST = "rest";

    private static final Duet.Mode[] MODES = Duet.Mode.values(); // asking for them allocates

    private final MusicModel model;
    private final Backend backend;
    private final long seed;
    private final int warmUpSteps;
    private final Consumer<ContinuationEvent> listener;
    private final Parameter mode = Parameter.choice(MODE, List.of("auto", "listen", "continue"), "auto");
    private final Parameter temperature = new Parameter(TEMPERATURE, "", 0, 2, 1);
    private final Parameter topP = new Parameter(TOP_P, "", 0.05f, 1, 1);
    private final Parameter soundTemperature = new Parameter(SOUND_TEMPERATURE, "", 0, 2, 1);
    private final Parameter density = new Parameter(DENSITY, "", 0.1f, 8, 1);
    private final Parameter register = new Parameter(REGISTER, "", -1, 1, 0);
    private final Parameter keyLock = new Parameter(KEY_LOCK, "", 0, 1, 0);
    private final Parameter tempoFollow = new Parameter(TEMPO_FOLLOW, "", 0, 1, 0);
    private final Parameter rest = new Parameter(REST, "seconds", 0.1f, 5, 0.6f);
    private final List<Parameter> parameters =
            List.of(mode, temperature, topP, soundTemperature, density, register, keyLock, tempoFollow, rest);
    private Duet.Wishes wishes = Duet.Wishes.NONE;
    private @Nullable Duet duet;
    private int sampleRateHz;
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
            try (Duet throwaway = new Duet(model, backend, format, seed, event -> {})) {
                throwaway.warmUp(warmUpSteps);
            }
        }
        duet = new Duet(model, backend, format, seed, this::tell);
        sampleRateHz = format.sampleRateHz();
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        Duet d = prepared();
        d.rules(MODES[Math.round(mode.value())], wishes(), rest.value());
        d.process(in, out, frames);
    }

    /** The same object while nothing changes, so that a block allocates nothing. */
    private Duet.Wishes wishes() {
        if (wishes.temperature() != temperature.value()
                || wishes.topP() != topP.value()
                || wishes.soundTemperature() != soundTemperature.value()
                || wishes.density() != density.value()
                || wishes.register() != register.value()
                || wishes.keyLock() != keyLock.value()
                || wishes.tempoFollow() != tempoFollow.value()) {
            wishes = new Duet.Wishes(
                    temperature.value(),
                    topP.value(),
                    soundTemperature.value(),
                    density.value(),
                    register.value(),
                    keyLock.value(),
                    tempoFollow.value());
        }
        return wishes;
    }

    /**
     * Goes on from what was heard so far, on trial: nothing of it is heard, and the stream is as before. For a break between two blocks,
     * by the thread that processes; it allocates, and takes its time.
     *
     * @param takes how many, each with a seed of its own
     * @param seconds how much of each
     * @return the takes; {@link #choose} makes one of them what is played next
     * @throws IllegalStateException if less than four frames (64 ms) were heard
     */
    public List<Take> audition(int takes, double seconds) {
        Duet d = prepared();
        if (!d.canGoOn()) {
            throw new IllegalStateException("nothing was heard yet to go on from; call process first");
        }
        d.rules(MODES[Math.round(mode.value())], wishes(), rest.value());
        List<Take> made = new ArrayList<>();
        for (int i = 0; i < takes; i++) {
            made.add(d.audition(d.seed() + i, (int) Math.round(seconds * sampleRateHz)));
        }
        return made;
    }

    /**
     * Decides on a take: if the machine begins where the takes did, which means now (set {@link #MODE} to {@code continue}), it plays this one.
     *
     * @param take one of {@link #audition}
     */
    public void choose(Take take) {
        prepared().seed(take.seed());
    }

    /**
     * One of several ways to go on.
     *
     * @param seed what makes it this one
     * @param samples mono, at the stream's rate, from the moment of the audition on; the caller's own
     * @param notes its notes, as events at the stream's times
     */
    @SuppressWarnings("ArrayRecordComponent") // not to be compared
    public record Take(long seed, float[] samples, List<ContinuationEvent> notes) {}

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
        Duet d = duet;
        duet = null;
        if (d != null) {
            d.close();
        }
    }

    private Duet prepared() {
        Duet d = duet;
        if (d == null) {
            throw new IllegalStateException("the continuer was not prepared; call prepare first");
        }
        return d;
    }

    private void tell(ContinuationEvent event) {
        events++;
        listener.accept(event);
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
