package io.mambaaudio.javasound;

import io.mambaaudio.engine.StreamFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.Line;
import javax.sound.sampled.LineEvent;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.SourceDataLine;
import org.jspecify.annotations.Nullable;

/**
 * An output line whose loudspeaker is a transcriber. Between open and close it has an engine with its threads; opening takes the time
 * of loading the model, and closing that of transcribing what was played. Any thread.
 *
 * <p>What was written but not played when the line closes is not transcribed, as it would not be heard: drain first. Text that the
 * transcriber holds back comes out while closing.
 */
final class TranscriberLine extends BaseLine implements SourceDataLine {
    private static final double DEFAULT_BUFFER_SECONDS = 0.5;
    private static final int MAX_BUFFER_BYTES = 1 << 26;

    private final TranscriberMixer mixer;
    private final DataLine.Info info;
    private final Volume volume;
    private AudioFormat format; // guarded by this, as all below
    private int bufferBytes;
    private @Nullable Playing playing; // while open
    private boolean started;
    private boolean active;

    TranscriberLine(TranscriberMixer mixer, DataLine.Info info, AudioFormat format) {
        Volume volume = new Volume();
        super(volume.controls());
        this.mixer = mixer;
        this.info = info;
        this.volume = volume;
        this.format = format;
        this.bufferBytes = defaultBuffer(format);
    }

    private static int defaultBuffer(AudioFormat format) {
        int frames = (int) (DEFAULT_BUFFER_SECONDS * format.getSampleRate());
        return frames * format.getFrameSize();
    }

    @Override
    public Line.Info getLineInfo() {
        return info;
    }

    @Override
    public void open() throws LineUnavailableException {
        open(getFormat(), getBufferSize());
    }

    @Override
    public void open(AudioFormat wanted) throws LineUnavailableException {
        open(wanted, AudioSystem.NOT_SPECIFIED);
    }

    @Override
    public void open(AudioFormat wanted, int wantedBytes) throws LineUnavailableException {
        StreamFormat stream = Formats.stream(wanted);
        Settings settings = Settings.read();
        synchronized (this) {
            if (playing != null) {
                throw new IllegalStateException("the line is open with format=" + format + "; close it first");
            }
            mixer.enter(this);
            try {
                int frameBytes = wanted.getFrameSize();
                int bytes = wantedBytes > 0 ? Math.min(wantedBytes, MAX_BUFFER_BYTES) : defaultBuffer(wanted);
                bufferBytes = Math.max(1, bytes / frameBytes) * frameBytes;
                format = wanted;
                LineBuffer buffer =
                        new LineBuffer(bufferBytes, frameBytes, settings.realTime() ? stream.sampleRateHz() : 0);
                playing = Playing.open(settings, wanted, buffer, volume.newGain());
            } finally {
                if (playing == null) {
                    mixer.left(this);
                }
            }
        }
        tell(LineEvent.Type.OPEN, 0);
    }

    @Override
    public int write(byte[] bytes, int offset, int length) {
        LineBuffer buffer;
        boolean begins;
        synchronized (this) {
            if (length < 0 || length % format.getFrameSize() != 0) {
                throw new IllegalArgumentException(
                        "length=" + length + " is not a whole number of frames; choose a multiple of" + " frameSize="
                                + format.getFrameSize());
            }
            if (offset < 0 || length > bytes.length - offset) {
                throw new ArrayIndexOutOfBoundsException(
                        "offset=" + offset + " and length=" + length + " reach beyond the array's " + bytes.length);
            }
            if (playing == null || length == 0) {
                return 0;
            }
            buffer = playing.buffer();
            begins = started && !active;
            active |= begins;
        }
        if (begins) {
            tell(LineEvent.Type.START, buffer.framesPlayed());
        }
        return buffer.write(bytes, offset, length);
    }

    @Override
    public void start() {
        LineBuffer buffer;
        boolean begins;
        synchronized (this) {
            if (playing == null || started) {
                return;
            }
            started = true;
            buffer = playing.buffer();
            begins = buffer.hasSound();
            active = begins;
        }
        if (begins) {
            tell(LineEvent.Type.START, buffer.framesPlayed());
        }
        buffer.start();
    }

    @Override
    public void stop() {
        LineBuffer buffer;
        synchronized (this) {
            if (playing == null || !started) {
                return;
            }
            started = false;
            buffer = playing.buffer();
            buffer.stop();
        }
        cease(buffer);
    }

    private void cease(LineBuffer buffer) {
        boolean ceased;
        synchronized (this) {
            ceased = active;
            active = false;
        }
        if (ceased) {
            tell(LineEvent.Type.STOP, buffer.framesPlayed());
        }
    }

    /** Also the end of playback, until the next write. */
    @Override
    public void drain() {
        LineBuffer buffer = bufferOrNull();
        if (buffer != null) {
            buffer.drain();
            if (!buffer.hasSound()) {
                cease(buffer);
            }
        }
    }

    @Override
    public void flush() {
        LineBuffer buffer = bufferOrNull();
        if (buffer != null) {
            buffer.flush();
        }
    }

    private synchronized @Nullable LineBuffer bufferOrNull() {
        return playing == null ? null : playing.buffer();
    }

    /** Stops, lets the text out that is still held back, and ends the engine's threads. */
    @Override
    public void close() {
        Playing closing;
        synchronized (this) {
            closing = playing;
            playing = null;
            started = false;
        }
        if (closing == null) {
            return;
        }
        closing.buffer().close(); // the end of the engine's input
        cease(closing.buffer());
        closing.end();
        mixer.left(this);
        tell(LineEvent.Type.CLOSE, closing.buffer().framesPlayed());
    }

    @Override
    public synchronized boolean isOpen() {
        return playing != null;
    }

    @Override
    public synchronized boolean isRunning() {
        return active;
    }

    @Override
    public synchronized boolean isActive() {
        return active;
    }

    @Override
    public synchronized AudioFormat getFormat() {
        return format;
    }

    @Override
    public synchronized int getBufferSize() {
        return bufferBytes;
    }

    @Override
    public int available() {
        LineBuffer buffer = bufferOrNull();
        return buffer == null ? 0 : buffer.available();
    }

    @Override
    public int getFramePosition() {
        return (int) getLongFramePosition();
    }

    @Override
    public long getLongFramePosition() {
        LineBuffer buffer = bufferOrNull();
        return buffer == null ? 0 : buffer.framesPlayed();
    }

    @Override
    public long getMicrosecondPosition() {
        return Math.round(getLongFramePosition() * 1e6 / getFormat().getSampleRate());
    }

    @Override
    public float getLevel() {
        return AudioSystem.NOT_SPECIFIED;
    }
}
