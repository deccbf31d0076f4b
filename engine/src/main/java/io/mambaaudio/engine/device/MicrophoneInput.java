package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.TargetDataLine;

/**
 * A recording device. Reads only what the line already has, so no driver can hold the thread: a block comes as soon as some
 * frames are there, nothing comes after {@link #MAX_WAIT_NANOS}, and a device that is silent for {@link #GONE_NANOS} is gone.
 */
public final class MicrophoneInput implements AudioInput {
    private static final int[] USUAL_RATES = {16_000, 44_100, 48_000};
    private static final long POLL_NANOS = 1_000_000;
    private static final long MAX_WAIT_NANOS = 20_000_000;
    private static final long GONE_NANOS = 5_000_000_000L;

    /** Room for a pause of the capture thread; small reads keep the latency low all the same. */
    private static final double BUFFER_SECONDS = 0.25;

    private final String name;
    private final TargetDataLine line;
    private final StreamFormat format;
    private final long goneNanos;
    private byte[] bytes = new byte[0];
    private long lastSoundNanoTime;
    private volatile boolean stopped;
    private final AtomicLong overflows = new AtomicLong();
    private boolean wasFull;

    MicrophoneInput(String name, TargetDataLine line, StreamFormat format, long goneNanos) {
        this.name = name;
        this.line = line;
        this.format = format;
        this.goneNanos = goneNanos;
    }

    /** Reserves a device in the preferred format or the nearest that it has. */
    public static MicrophoneInput open(Optional<String> device, StreamFormat preferred) {
        Mixer mixer = Lines.mixer(Lines.Direction.INPUT, device);
        String name = mixer.getMixerInfo().getName();
        String lastReason = "";
        for (StreamFormat format : candidates(preferred)) {
            if (!Lines.has(mixer, Lines.Direction.INPUT, format)) {
                continue;
            }
            try {
                return new MicrophoneInput(name, opened(mixer, format), format, GONE_NANOS);
            } catch (LineUnavailableException | RuntimeException e) {
                lastReason = EngineException.reason(e);
            }
        }
        throw new EngineException(
                "recording device \"" + name + "\" can't be opened in 16 bits at " + candidates(preferred)
                        + (lastReason.isEmpty() ? "" : ": " + lastReason)
                        + "; close other programs that use it, or choose another device");
    }

    private static TargetDataLine opened(Mixer mixer, StreamFormat format) throws LineUnavailableException {
        TargetDataLine line =
                (TargetDataLine) mixer.getLine(new DataLine.Info(TargetDataLine.class, Lines.pcm16(format)));
        int frames = (int) (BUFFER_SECONDS * format.sampleRateHz());
        line.open(Lines.pcm16(format), frames * 2 * format.channels());
        return line;
    }

    static Set<StreamFormat> candidates(StreamFormat preferred) {
        int other = preferred.channels() == 1 ? 2 : 1;
        Set<StreamFormat> formats = new LinkedHashSet<>();
        formats.add(preferred);
        formats.add(new StreamFormat(preferred.sampleRateHz(), other));
        for (int rate : USUAL_RATES) {
            formats.add(new StreamFormat(rate, 1));
            formats.add(new StreamFormat(rate, 2));
        }
        return formats;
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
    public void start() {
        line.start();
        lastSoundNanoTime = System.nanoTime();
    }

    @Override
    public int read(float[][] block, int maxFrames) {
        int frameBytes = 2 * format.channels();
        int available = await(frameBytes);
        if (available < frameBytes) {
            noteSound(0);
            return stopped ? -1 : 0;
        }
        int wanted = Math.min(maxFrames, available / frameBytes) * frameBytes;
        if (bytes.length < wanted) {
            bytes = new byte[maxFrames * frameBytes];
        }
        int frames = line.read(bytes, 0, wanted) / frameBytes;
        for (int c = 0; c < format.channels(); c++) {
            Pcm.decode(SampleEncoding.S16LE, bytes, 2 * c, frameBytes, block[c], frames);
        }
        noteSound(frames);
        return frames == 0 && stopped ? -1 : Math.max(0, frames);
    }

    /** Waits a bounded time until the line has a frame; returns the bytes that it has. */
    private int await(int frameBytes) {
        long start = System.nanoTime();
        int available = line.available();
        while (available < frameBytes && !stopped && System.nanoTime() - start < MAX_WAIT_NANOS) {
            LockSupport.parkNanos(POLL_NANOS);
            available = line.available();
        }
        if (stopped && line.isActive()) {
            line.stop(); // no new sound; what the line has can still be read
            available = line.available();
        }
        noteOverflow(available);
        return available;
    }

    /** Java Sound does not say that it lost sound, but a full buffer of a running line says so. */
    private void noteOverflow(int available) {
        boolean full = available >= line.getBufferSize();
        if (full && !wasFull) {
            overflows.incrementAndGet();
        }
        wasFull = full;
    }

    private void noteSound(int frames) {
        long now = System.nanoTime();
        if (frames > 0) {
            lastSoundNanoTime = now;
        } else if (now - lastSoundNanoTime > goneNanos && !stopped) {
            throw new EngineException("recording device \"" + name + "\" gives no sound since "
                    + (now - lastSoundNanoTime) / 1_000_000 + " ms; is it unplugged?");
        }
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public boolean live() {
        return true;
    }

    @Override
    public long overflows() {
        return overflows.get();
    }

    @Override
    public void close() {
        line.close();
    }
}
