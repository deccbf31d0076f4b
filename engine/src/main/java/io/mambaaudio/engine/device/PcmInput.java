package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A stream of interleaved samples. Where it ends before the promised length, what is there is sound and the rest is a warning.
 * Samples that can't be sound (not a number, or beyond 10,000 times full scale) become silence, are counted and warned of.
 */
public final class PcmInput implements AudioInput {
    private static final int MAX_EMPTY_READS = 1_000;
    private static final float LOUDEST = 1e4f;

    private final String name;
    private final InputStream in;
    private final SampleEncoding encoding;
    private final StreamFormat format;
    private final int frameBytes;
    private final OptionalLong promisedFrames;
    private byte[] bytes = new byte[0]; // (frames, channels, bytes of a sample)
    private long frames;
    private long damaged;
    private volatile boolean stopped;
    private volatile String warning = "";

    /**
     * Interleaved samples up to a promised length.
     *
     * @param in positioned at the first sample
     * @param promisedFrames where the sound ends at the latest; empty: at the end of the stream
     */
    PcmInput(String name, InputStream in, SampleEncoding encoding, StreamFormat format, OptionalLong promisedFrames) {
        this.name = name;
        this.in = in;
        this.encoding = encoding;
        this.format = format;
        this.frameBytes = encoding.bytes() * format.channels();
        this.promisedFrames = promisedFrames;
    }

    /** Interleaved samples up to the end of the stream. */
    public static PcmInput untilTheEnd(String name, InputStream in, SampleEncoding encoding, StreamFormat format) {
        return new PcmInput(name, in, encoding, format, OptionalLong.empty());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public StreamFormat format() {
        return format;
    }

    @Override
    public int read(float[][] block, int maxFrames) {
        int wanted = (int) Math.min(maxFrames, promisedFrames.orElse(Long.MAX_VALUE) - frames);
        if (wanted <= 0 || stopped) {
            return -1;
        }
        if (bytes.length < wanted * frameBytes) {
            bytes = new byte[wanted * frameBytes];
        }
        int count = fill(wanted * frameBytes) / frameBytes;
        if (count == 0) {
            return -1;
        }
        for (int c = 0; c < block.length; c++) {
            Pcm.decode(encoding, bytes, c * encoding.bytes(), frameBytes, block[c], count);
            silenceDamage(block[c], count);
        }
        frames += count;
        return count;
    }

    /** Reads until the buffer has that many bytes, or the stream ends. */
    private int fill(int length) {
        int got = 0;
        int empty = 0;
        while (got < length) {
            int count = readSome(got, length - got);
            if (count < 0) {
                noteEnd(got);
                return got;
            }
            empty = count == 0 ? empty + 1 : 0;
            if (empty > MAX_EMPTY_READS) {
                throw new EngineException(
                        name + " is damaged: no sound comes after " + seconds() + " s, and no end; convert it again");
            }
            got += count;
        }
        return got;
    }

    /** Decoders under the stream throw all sorts of things when a file is damaged. */
    private int readSome(int at, int length) {
        try {
            return in.read(bytes, at, length);
        } catch (EOFException e) { // how a decoder says that the file stops before its sound does
            warning = name + " is cut short: " + EngineException.reason(e);
            return -1;
        } catch (IOException | RuntimeException | Error e) {
            if (stopped) {
                return -1;
            }
            throw new EngineException(
                    name + " can't be read beyond " + seconds() + " s: " + EngineException.reason(e), e);
        }
    }

    private void noteEnd(int got) {
        long there = frames + got / frameBytes;
        if (warning.isEmpty() && promisedFrames.isPresent() && there < promisedFrames.getAsLong()) {
            warning = name + " is cut short: its header promises frames=" + promisedFrames.getAsLong()
                    + ", the file has " + there;
        }
    }

    private void silenceDamage(float[] samples, int count) {
        for (int i = 0; i < count; i++) {
            if (!(Math.abs(samples[i]) <= LOUDEST)) {
                samples[i] = 0;
                damaged++;
                warning = name + " has samples that are not sound (not a number, or beyond 10000 x full scale): "
                        + damaged + " so far, taken as silence; check the encoding";
            }
        }
    }

    private String seconds() {
        return String.valueOf(frames * 1000 / format.sampleRateHz() / 1000.0);
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public OptionalLong totalFrames() {
        return promisedFrames;
    }

    @Override
    public Optional<String> warning() {
        return warning.isEmpty() ? Optional.empty() : Optional.of(warning);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException | RuntimeException e) {
            // Reading is over: there is nothing left to lose.
        }
    }
}
