package io.mambaaudio.speech;

import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.TranscriptEvent.Final;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Live transcription: sound of any rate and any number of channels in, {@link TranscriptEvent}s out. The sound passes through
 * unchanged.
 *
 * <p>The events depend on the sound alone: any cutting into blocks gives the same events with the same times. Once warm,
 * nothing is allocated but events and finished words, and memory does not grow with the length of the stream. The listener is called on the thread that
 * calls {@link #process} and {@link #finish}; it should return soon.
 *
 * <p>Several transcribers may share one model. Each is used by one thread at a time; {@link #stats} may be called by any thread.
 */
public final class Transcriber implements Processor {
    /** The hypotheses that are kept where a language model or hotwords need a search. */
    public static final int DEFAULT_BEAM = 16;

    private static final int BLOCK = 1600;

    private final Recognition recognition;
    private final Consumer<TranscriptEvent> listener;
    private final int warmUpSteps;
    private final boolean digits;
    private @Nullable List<Final> collected;

    private Transcriber(Builder builder) {
        listener = builder.listener;
        warmUpSteps = builder.warmUpSteps;
        digits = builder.digits;
        TranscriberBatch shared = builder.batch;
        TranscriberBatch batch = shared == null ? TranscriberBatch.lone(builder.model, builder.backend) : shared;
        try {
            recognition = new Recognition(
                    batch, shared == null, builder.beamOptions(), builder.endpointRules, builder.gateRules, this::tell);
        } catch (RuntimeException e) {
            if (shared == null) {
                batch.close();
            }
            throw e;
        }
    }

    Recognition recognition() {
        return recognition;
    }

    /**
     * Starts to make a transcriber.
     *
     * @param model a speech model: with a mel front end and a vocabulary of word pieces
     * @return a builder with a greedy decoder and the default rules
     */
    public static Builder builder(Mamba model) {
        return new Builder(model);
    }

    /**
     * Starts to make a transcriber of English with the models that ship, which needs the module {@code io.mambaaudio.pretrained}.
     *
     * @param folder where copies of them may be kept, if they lie in a jar
     * @return a builder with model, language model and the default rules
     * @throws SpeechException in one line, if there are no shipped models or they cannot be copied
     */
    public static Builder shipped(Path folder) {
        return ShippedModels.builder(folder);
    }

    @Override
    public String id() {
        return "speech";
    }

    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        recognition.prepare(format, warmUpSteps);
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        for (int c = 0; c < in.length; c++) {
            System.arraycopy(in[c], 0, out[c], 0, frames);
        }
        recognition.push(in, frames);
    }

    @Override
    public void finish() {
        recognition.finish();
    }

    @Override
    public void reset() {
        recognition.reset();
    }

    @Override
    public long events() {
        return recognition.events();
    }

    @Override
    public void close() {
        recognition.close();
    }

    /**
     * Transcribes a whole recording from its start, with the events also going to the listener. Forgets any stream before.
     *
     * @param mono samples, nominally −1 to 1
     * @param sampleRateHz their rate
     * @return the finished utterances
     */
    public List<Final> transcribe(float[] mono, int sampleRateHz) {
        List<Final> finals = new ArrayList<>();
        float[][] block = new float[1][BLOCK];
        prepare(new StreamFormat(sampleRateHz, 1), BLOCK);
        collected = finals;
        try {
            for (int at = 0; at < mono.length; at += BLOCK) {
                int n = Math.min(BLOCK, mono.length - at);
                System.arraycopy(mono, at, block[0], 0, n);
                recognition.push(block, n);
            }
            finish();
        } finally {
            collected = null;
        }
        return finals;
    }

    private void tell(TranscriptEvent heard) {
        TranscriptEvent event = digits ? Numbers.inDigits(heard) : heard;
        listener.accept(event);
        if (collected != null && event instanceof Final last) {
            collected.add(last);
        }
    }

    /**
     * The state of the stream as bytes, between two blocks: what the model, the decoder, the resampler and the front end know. A
     * transcriber that goes on from it tells the same events, bit for bit, as this one (on the same backend). Its size does not depend
     * on how long the stream has run, but for the words of the utterance that is not finished.
     *
     * @return bytes with a version and a checksum
     */
    @Override
    public byte[] save() {
        return SavedState.save(recognition);
    }

    /**
     * Goes on from a saved state, also one of another transcriber: so a stream is moved, or forked.
     *
     * @param saved what {@link #save} returned
     * @throws SpeechException if it is damaged, or its transcriber was not built and prepared like this one
     * @throws io.mambaaudio.models.ModelException if it is of another model; after any error the stream starts afresh
     */
    @Override
    public void restore(byte[] saved) {
        try {
            SavedState.load(saved, recognition);
        } catch (RuntimeException e) {
            recognition.reset();
            throw e;
        }
    }

    /**
     * How much sound after a moment the model hears before it says what was there: the window of a step, and after
     * {@link #prepare} the delay of resampling.
     *
     * @return milliseconds
     */
    public double lookaheadMillis() {
        return 1000 * recognition.lookaheadSeconds();
    }

    /**
     * What has been done so far. Any thread may ask.
     *
     * @return counts and times
     */
    public TranscriberStats stats() {
        return recognition.stats();
    }

    /**
     * The size of the model's state, which does not depend on how long the stream has run.
     *
     * @return bytes
     */
    public long stateBytes() {
        return recognition.stateBytes();
    }

    /**
     * The model and where it computes.
     *
     * @return one line
     */
    public String describe() {
        return recognition.describe();
    }

    /** Makes transcribers. One thread at a time. */
    public static final class Builder {
        private final Mamba model;
        private Backend backend = Backend.AUTO;
        private @Nullable TranscriberBatch batch;
        private BeamOptions options = BeamOptions.of(1);
        private EndpointRules endpointRules = EndpointRules.DEFAULT;
        private GateRules gateRules = GateRules.DEFAULT;
        private Consumer<TranscriptEvent> listener = event -> {};
        private int warmUpSteps;
        private boolean digits;

        private Builder(Mamba model) {
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

        Mamba model() {
            return model;
        }

        Backend backend() {
            return backend;
        }

        /**
         * Puts the transcriber into a batch; without this it is by itself. Where it computes is then the batch's.
         *
         * @param among a batch of the same model, with room
         * @return this
         */
        public Builder batch(TranscriberBatch among) {
            if (among.model() != model) {
                throw new IllegalArgumentException(
                        "the batch is of another model; open one with TranscriberBatch.open from a builder of this model");
            }
            batch = among;
            return this;
        }

        /**
         * How many hypotheses the decoder keeps. A language model or hotwords need more than one: with them, 1 becomes {@value Transcriber#DEFAULT_BEAM}.
         *
         * @param width 1, the default, for the greedy decoder; up to 1,024
         * @return this
         */
        public Builder beam(int width) {
            BeamOptions o = options;
            options = new BeamOptions(
                    width,
                    o.pieceMargin(),
                    o.hypothesisMargin(),
                    o.maxDelaySteps(),
                    o.languageModel(),
                    o.languageWeight(),
                    o.wordBonus(),
                    o.blankPenalty(),
                    o.unknownWordPenalty(),
                    o.hotwords());
            return this;
        }

        /**
         * Phrases to prefer.
         *
         * @param hotwords the phrases
         * @return this
         */
        public Builder hotwords(Hotwords hotwords) {
            options = options.withHotwords(hotwords);
            return this;
        }

        /**
         * A language model with the default weights.
         *
         * @param languageModel the model
         * @return this
         */
        public Builder languageModel(NGram languageModel) {
            return languageModel(languageModel, options.languageWeight(), options.wordBonus());
        }

        /**
         * A language model.
         *
         * @param languageModel the model
         * @param weight factor of its log probability
         * @param wordBonus added for each word, in units of the natural logarithm
         * @return this
         */
        public Builder languageModel(NGram languageModel, double weight, double wordBonus) {
            options = options.withLanguageModel(languageModel, weight, wordBonus);
            return this;
        }

        /**
         * When utterances end.
         *
         * @param rules default {@link EndpointRules#DEFAULT}
         * @return this
         */
        public Builder endpointRules(EndpointRules rules) {
            endpointRules = rules;
            return this;
        }

        /**
         * What keeps noise from becoming words.
         *
         * @param rules default {@link GateRules#DEFAULT}
         * @return this
         */
        public Builder gateRules(GateRules rules) {
            gateRules = rules;
            return this;
        }

        /**
         * Whether English numbers are written in digits: 21 for "twenty one", 1968, 18th, 3.5. A number at the end of committed text is
         * held back until it is complete, so a partial may repeat the one before.
         *
         * @param on default false: words
         * @return this
         */
        public Builder digits(boolean on) {
            digits = on;
            return this;
        }

        /**
         * Who is told.
         *
         * @param consumer called on the processing thread
         * @return this
         */
        public Builder listener(Consumer<TranscriptEvent> consumer) {
            listener = consumer;
            return this;
        }

        /**
         * How many steps of a throwaway session {@link Transcriber#prepare} runs, so that the code is compiled before a microphone
         * opens. For files it is not worth its time.
         *
         * @param steps default 0
         * @return this
         */
        public Builder warmUpSteps(int steps) {
            if (steps < 0 || steps > 100_000) {
                throw new IllegalArgumentException("warmUpSteps=" + steps + " is out of range; choose 0 to 100000");
            }
            warmUpSteps = steps;
            return this;
        }

        private BeamOptions beamOptions() {
            boolean needsBeam =
                    options.languageModel().isPresent() || options.hotwords().isPresent();
            if (needsBeam && options.width() == 1) {
                beam(DEFAULT_BEAM);
            }
            return options;
        }

        /**
         * Makes the transcriber.
         *
         * @return ready to be prepared
         * @throws SpeechException if the model is not one for speech, or the hotwords have letters that it cannot write
         * @throws io.mambaaudio.models.ModelException if the backend cannot be had, or the batch is full
         */
        public Transcriber build() {
            return new Transcriber(this);
        }
    }
}
