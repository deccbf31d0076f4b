package io.mambaaudio.javasound;

import io.mambaaudio.engine.EngineException;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.LineUnavailableException;

/** Who gets the text of one line: the file and the receivers that there are, or else the log. */
final class Receivers implements TranscriptReceiver.Stream {
    private static final System.Logger LOG = System.getLogger(Receivers.class.getPackageName());

    private final List<TranscriptReceiver.Stream> streams;

    private Receivers(List<TranscriptReceiver.Stream> streams) {
        this.streams = streams;
    }

    static Receivers open(Settings settings, AudioFormat format) throws LineUnavailableException {
        List<TranscriptReceiver.Stream> streams = new ArrayList<>();
        if (settings.text().isPresent()) {
            streams.add(new TextFile(settings.text().get()));
        }
        for (TranscriptReceiver receiver : ServiceLoader.load(TranscriptReceiver.class)) {
            streams.add(receiver.opened(format));
        }
        if (streams.isEmpty()) {
            streams.add(Receivers::log);
        }
        return new Receivers(streams);
    }

    private static void log(TranscriptEvent event) {
        if (event instanceof TranscriptEvent.Final said) {
            LOG.log(System.Logger.Level.INFO, said.text());
        }
    }

    @Override
    public void accept(TranscriptEvent event) {
        tellEach(stream -> stream.accept(event));
    }

    @Override
    public void close() {
        tellEach(TranscriptReceiver.Stream::close);
    }

    /** One that throws does not end the sound, nor keep the event from the others. */
    private void tellEach(Consumer<TranscriptReceiver.Stream> what) {
        for (TranscriptReceiver.Stream stream : streams) {
            try {
                what.accept(stream);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a transcript receiver failed: " + EngineException.reason(e), e);
            }
        }
    }

    /** Adds to a file, in the form that its ending says. */
    private static final class TextFile implements TranscriptReceiver.Stream {
        private final PrintStream out;
        private final TranscriptWriter writer;

        TextFile(Path file) throws LineUnavailableException {
            try {
                out = new PrintStream(new FileOutputStream(file.toFile(), true), false, StandardCharsets.UTF_8);
            } catch (IOException e) {
                LineUnavailableException unavailable = new LineUnavailableException(
                        Settings.TEXT + "=" + file + " can't be written: " + e.getMessage() + "; choose another file");
                unavailable.initCause(e);
                throw unavailable;
            }
            writer = format(file).to(out);
            writer.begin(MambaMixerProvider.TRANSCRIBER);
        }

        private static TranscriptWriter.Format format(Path file) {
            String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
            return Arrays.stream(TranscriptWriter.Format.values())
                    .filter(format -> name.endsWith("." + format))
                    .findFirst()
                    .orElse(TranscriptWriter.Format.text);
        }

        @Override
        public void accept(TranscriptEvent event) {
            writer.accept(event);
        }

        @Override
        public void close() {
            writer.end();
            out.close();
        }
    }
}
