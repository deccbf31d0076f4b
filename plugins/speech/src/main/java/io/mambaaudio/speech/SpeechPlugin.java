package io.mambaaudio.speech;

import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.pretrained.Pretrained;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Transcriber} as the engine finds it by its name, with the shipped model, a greedy decoder and the default rules. For
 * another model, decoder or rules build a {@link Transcriber}.
 *
 * <p>The model is loaded by the first {@link #prepare}, and needs the module {@code io.mambaaudio.pretrained} to be there.
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
            t = Transcriber.builder(shippedModel())
                    .listener(event -> listener.accept(event))
                    .build();
            transcriber = t;
        }
        return t.prepare(format, maxFrames);
    }

    private static Mamba shippedModel() {
        try {
            Path folder = Files.createTempDirectory("mamba-audio");
            try {
                return Mamba.open(Pretrained.SPEECH.file(folder));
            } finally {
                deleteCopies(folder);
            }
        } catch (NoClassDefFoundError | NullPointerException e) {
            throw new SpeechException(
                    "there are no shipped weights here; add mamba-audio-pretrained, or build a Transcriber with a model",
                    e);
        } catch (IOException | UncheckedIOException e) {
            throw new SpeechException(
                    "the shipped weights cannot be unpacked; make room in the folder of temporary files", e);
        }
    }

    private static void deleteCopies(Path folder) throws IOException {
        try (var copies = Files.list(folder)) {
            for (Path copy : copies.toList()) {
                Files.delete(copy);
            }
        }
        Files.delete(folder);
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
