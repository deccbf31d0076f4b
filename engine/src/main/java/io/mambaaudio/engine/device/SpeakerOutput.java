package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioOutput;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;
import org.jspecify.annotations.Nullable;

/**
 * A playing device. Writes only what the line has room for, so no driver can hold the thread; a device that takes nothing for
 * {@link #GONE_NANOS} is gone. It begins to sound when half its buffer is full.
 */
public final class SpeakerOutput implements AudioOutput {
    private static final long POLL_NANOS = 1_000_000;
    private static final long GONE_NANOS = 5_000_000_000L;
    private static final double BUFFER_SECONDS = 0.2;

    private final Mixer mixer;
    private final String name;
    private final long goneNanos;
    private @Nullable SourceDataLine line; // none before open
    private StreamFormat lineFormat = new StreamFormat(1, 1);
    private int streamChannels = 1;
    private byte[] bytes = new byte[0];
    private boolean running;
    private final AtomicLong underruns = new AtomicLong();
    private volatile boolean closed;

    SpeakerOutput(Mixer mixer, long goneNanos) {
        this.mixer = mixer;
        this.name = mixer.getMixerInfo().getName();
        this.goneNanos = goneNanos;
    }

    /** Chooses a device; it is opened with the stream. */
    public static SpeakerOutput of(Optional<String> device) {
        return new SpeakerOutput(Lines.mixer(Lines.Direction.OUTPUT, device), GONE_NANOS);
    }

    @Override
    public String name() {
        return name;
    }

    /** Opens the line in the stream's channels, or else in stereo or mono. */
    @Override
    public void open(StreamFormat format) {
        streamChannels = format.channels();
        String lastReason = "it does not have this rate";
        for (int channels : new int[] {format.channels(), 2, 1}) {
            StreamFormat candidate = new StreamFormat(format.sampleRateHz(), channels);
            if (!Lines.has(mixer, Lines.Direction.OUTPUT, candidate)) {
                continue;
            }
            try {
                open(candidate, format);
                return;
            } catch (LineUnavailableException | RuntimeException e) {
                lastReason = EngineException.reason(e);
            }
        }
        throw new EngineException("playing device \"" + name + "\" can't be opened in 16 bits at sampleRateHz="
                + format.sampleRateHz() + ": " + lastReason
                + "; close other programs that use it, or choose another device");
    }

    private void open(StreamFormat candidate, StreamFormat format) throws LineUnavailableException {
        SourceDataLine opened =
                (SourceDataLine) mixer.getLine(new DataLine.Info(SourceDataLine.class, Lines.pcm16(candidate)));
        int frames = (int) (BUFFER_SECONDS * format.sampleRateHz());
        opened.open(Lines.pcm16(candidate), frames * 2 * candidate.channels());
        lineFormat = candidate;
        line = opened;
    }

    @Override
    public void write(float[][] block, int frames) {
        SourceDataLine to = line;
        if (to == null || closed) {
            throw new EngineException("playing device \"" + name + "\" is closed");
        }
        int frameBytes = 2 * lineFormat.channels();
        if (bytes.length < frames * frameBytes) {
            bytes = new byte[frames * frameBytes];
        }
        for (int c = 0; c < lineFormat.channels(); c++) {
            // Mono goes to both sides; of too many channels the first ones are heard.
            Pcm.encode(SampleEncoding.S16LE, block[Math.min(c, streamChannels - 1)], bytes, 2 * c, frameBytes, frames);
        }
        if (running && to.available() >= to.getBufferSize()) {
            underruns.incrementAndGet();
        }
        writeAll(to, frames * frameBytes, frameBytes);
        if (!running && to.available() <= to.getBufferSize() / 2) {
            running = true;
            to.start();
        }
    }

    private void writeAll(SourceDataLine to, int length, int frameBytes) {
        int at = 0;
        long progress = System.nanoTime();
        while (at < length) {
            int room = Math.min(length - at, to.available()) / frameBytes * frameBytes;
            int count = room > 0 ? to.write(bytes, at, room) : 0;
            at += count;
            long now = System.nanoTime();
            if (count > 0) {
                progress = now;
            } else if (now - progress > goneNanos || closed) {
                throw new EngineException("playing device \"" + name + "\" takes no sound since "
                        + (now - progress) / 1_000_000 + " ms; is it unplugged?");
            } else {
                startWhenFull(to);
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /** A block longer than the buffer must begin to sound before it is written. */
    private void startWhenFull(SourceDataLine to) {
        if (!running) {
            running = true;
            to.start();
        }
    }

    /** Waits until the line is empty, at most its buffer and half a second. */
    @Override
    public void drain() {
        SourceDataLine to = line;
        if (to == null) {
            return;
        }
        to.start();
        long millis = 500 + (long) to.getBufferSize() * 1000 / (2L * lineFormat.channels() * lineFormat.sampleRateHz());
        long start = System.nanoTime();
        while (to.available() < to.getBufferSize() && System.nanoTime() - start < millis * 1_000_000 && !closed) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    @Override
    public long underruns() {
        return underruns.get();
    }

    @Override
    public void close() {
        closed = true;
        SourceDataLine to = line;
        if (to != null) {
            to.close();
        }
    }
}
