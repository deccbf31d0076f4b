package io.mambaaudio.flink;

import io.mambaaudio.speech.TranscriptWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.Encoder;

/**
 * Rows of finished utterances as JSON Lines, byte for byte what {@code mamba-audio transcribe --format json} writes. Partials are left
 * out.
 */
public final class TranscriptEncoder implements Encoder<TranscriptRow> {
    private static final long serialVersionUID = 1L;

    /** Makes an encoder. */
    public TranscriptEncoder() {}

    @Override
    public void encode(TranscriptRow row, OutputStream stream) throws IOException {
        PrintStream out = new PrintStream(stream, false, StandardCharsets.UTF_8);
        TranscriptWriter writer = TranscriptWriter.Format.json.to(out);
        writer.begin(row.stream());
        writer.accept(row.toEvent());
        if (out.checkError()) {
            throw new IOException("the row of " + row.stream() + " cannot be written; make room where the sink writes");
        }
    }
}
