// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * A processor of TarsosDSP in our engine: an effect, or an analysis that reports to its own handler.
 *
 * <p>Each channel gets an instance of its own. An instance sees buffers of the size and overlap that it was made for, as from a
 * dispatcher with {@code setZeroPadFirstBuffer(true)}, whatever blocks the engine works in; the last buffer is filled with zeros. So
 * the sound comes out {@code bufferSize - overlap - 1} frames late, and any cutting into blocks gives the same samples. Where an
 * instance returns false, which in a dispatcher keeps a buffer from those behind it (a silence detector does so), silence comes out.
 *
 * <p>An instance that makes a buffer of another length (time stretching, rate changes) can't run in a chain, and is told so. Whether
 * anything is allocated while sound runs depends on the TarsosDSP processor; the bridge itself allocates nothing.
 */
public final class TarsosProcessor implements Processor {
    private static final int BYTES_A_SAMPLE = 2;

    private final String id;
    private final int bufferSize;
    private final int overlap;
    private final IntFunction<? extends AudioProcessor> factory;
    private Channel[] channels = {};

    /**
     * Makes a processor.
     *
     * @param id a short lower-case word for messages and chains
     * @param bufferSize samples in a buffer, as the instances expect them
     * @param overlap samples at the start of a buffer that were in the one before; 0 for most effects
     * @param factory makes an instance for a sample rate in Hz; called once a channel at every {@link #prepare}
     */
    public TarsosProcessor(String id, int bufferSize, int overlap, IntFunction<? extends AudioProcessor> factory) {
        checkSizes(bufferSize, overlap);
        this.id = Objects.requireNonNull(id, "id");
        this.bufferSize = bufferSize;
        this.overlap = overlap;
        this.factory = Objects.requireNonNull(factory, "factory");
    }

    static void checkSizes(int bufferSize, int overlap) {
        if (bufferSize < 1) {
            throw new IllegalArgumentException("bufferSize=" + bufferSize + " is out of range; choose 1 or more");
        }
        if (overlap < 0 || overlap >= bufferSize) {
            throw new IllegalArgumentException(
                    "overlap=" + overlap + " is out of range; choose 0 to bufferSize-1=" + (bufferSize - 1));
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        channels = new Channel[format.channels()];
        for (int c = 0; c < channels.length; c++) {
            channels[c] = new Channel(format.sampleRateHz());
        }
        return format;
    }

    @Override
    public void process(float[][] in, float[][] out, int frames) {
        for (int c = 0; c < channels.length; c++) {
            channels[c].process(in[c], out[c], frames);
        }
    }

    /** Fills the last buffer with zeros and ends the instances. */
    @Override
    public void finish() {
        for (Channel channel : channels) {
            channel.finish();
        }
    }

    /** Makes new instances, since TarsosDSP's processors can't forget: the one method here that allocates. */
    @Override
    public void reset() {
        for (Channel channel : channels) {
            channel.start();
        }
    }

    @Override
    public int latencyFrames() {
        return bufferSize - overlap - 1;
    }

    @Override
    public void close() {
        channels = new Channel[0];
    }

    /** One instance and its buffers. */
    private final class Channel {
        private final int sampleRateHz;
        private final int step = bufferSize - overlap;
        private final float[] buffer = new float[bufferSize]; // old samples, then new ones
        private final float[] ready = new float[step]; // what the last buffer became
        private final AudioEvent event;
        private AudioProcessor instance;
        private int filled; // new samples in buffer
        private long samples; // new samples in the buffers before

        Channel(int sampleRateHz) {
            this.sampleRateHz = sampleRateHz;
            this.event = new AudioEvent(new TarsosDSPAudioFormat(sampleRateHz, 8 * BYTES_A_SAMPLE, 1, true, false));
            this.instance = factory.apply(sampleRateHz);
        }

        void start() {
            instance = factory.apply(sampleRateHz);
            Arrays.fill(buffer, 0);
            Arrays.fill(ready, 0);
            filled = 0;
            samples = 0;
        }

        void process(float[] in, float[] out, int frames) {
            for (int i = 0; i < frames; i++) {
                buffer[overlap + filled] = in[i];
                filled++;
                if (filled == step) {
                    runInstance();
                }
                // Sample n of a buffer goes out with sample n - 1 of the next one that comes in.
                out[i] = ready[filled];
            }
        }

        void finish() {
            if (filled > 0) {
                Arrays.fill(buffer, overlap + filled, bufferSize, 0);
                runInstance();
            }
            instance.processingFinished();
        }

        private void runInstance() {
            event.setFloatBuffer(buffer);
            event.setOverlap(overlap);
            event.setBytesProcessed(BYTES_A_SAMPLE * samples);
            boolean passedOn = instance.process(event);
            float[] result = event.getFloatBuffer();
            if (result.length != bufferSize) {
                throw new IllegalStateException("processor=" + id + " made " + result.length + " samples of bufferSize="
                        + bufferSize + "; one that changes the length can't run in a chain");
            }
            if (passedOn) {
                System.arraycopy(result, overlap, ready, 0, step);
            } else {
                Arrays.fill(ready, 0);
            }
            System.arraycopy(buffer, step, buffer, 0, overlap);
            samples += step;
            filled = 0;
        }
    }
}
