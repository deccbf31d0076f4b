package io.mambaaudio.speech;

import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Transcriber} as the engine finds it by its name, with the shipped models and the default rules. For
 * another model, decoder or rules build a {@link Transcriber}.
 *
 * <p>The models are loaded by the first {@link #prepare}, and need the module {@code io.mambaaudio.pretrained} to be there.
 */
public final class SpeechPlugin implements Processor {
    private volatile Consumer<TranscriptEvent> listener = event -> {};
    private volatile @Nullable Transcriber transcriber;

    /** For the service loader. */
    public SpeechPlugin() {}

    /**
     * Sets who is told, before or during a stream.
     *
     * @param consumer called on the processing thread
     */
    public void listener(Consumer<TranscriptEvent> consumer) {
        listener = consumer;
    }

    @Override
    public String id() {
        return "speech";
    }

    /** @throws SpeechException in one line, if there are no shipped weights */
    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        Transcriber t = transcriber;
        if (t == null) {
            t = ShippedModels.builder()
                    .listener(event -> listener.accept(event))
                    .build();
            transcriber = t;
        }
        return t.prepare(format, maxFrames);
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        prepared().process(in, out, frames);
    }

    @Override
    public void finish() {
        prepared().finish();
    }

    @Override
    public void reset() {
        prepared().reset();
    }

    @Override
    public long events() {
        Transcriber t = transcriber;
        return t == null ? 0 : t.events();
    }

    @Override
    public byte[] save() {
        return prepared().save();
    }

    @Override
    public void restore(byte[] saved) {
        prepared().restore(saved);
    }

    private Transcriber prepared() {
        Transcriber t = transcriber;
        if (t == null) {
            throw new IllegalStateException("the speech plugin was not prepared; call prepare first");
        }
        return t;
    }

    @Override
    public void close() {
        Transcriber t = transcriber;
        if (t != null) {
            t.close();
        }
    }
}
