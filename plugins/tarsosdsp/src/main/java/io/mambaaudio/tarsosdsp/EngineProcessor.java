// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.AudioProcessor;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;
import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.StreamFormat;

/**
 * A processor of our engine as one of TarsosDSP: a transcriber that listens to a dispatcher, or an effect in its chain.
 *
 * <p>Only the new samples of a buffer are handed over, and what the processor makes of them is written in their place, as TarsosDSP's
 * own effects do it. When the dispatcher ends, {@link Processor#finish} lets the last events out. The processor stays the caller's:
 * close it after the dispatcher.
 *
 * <p>Threads: a dispatcher is often stopped by another thread than its own, in the midst of a buffer; a lock keeps the processor's
 * promise of one thread at a time, and buffers that come after the end are passed on untouched.
 */
public final class EngineProcessor implements AudioProcessor {
    private final Processor processor;
    private final int maxFrames;
    private final float[][] in; // (1, maxFrames)
    private final float[][] out; // (1, maxFrames)
    private boolean finished;

    /**
     * Prepares a processor for a dispatcher.
     *
     * @param processor the processor, not prepared yet
     * @param format the dispatcher's: {@code dispatcher.getFormat()}; mono
     * @param bufferSize samples in the dispatcher's buffer
     * @throws IllegalArgumentException if the format is not mono at a whole rate, or the processor would make another of it
     */
    public EngineProcessor(Processor processor, TarsosDSPAudioFormat format, int bufferSize) {
        StreamFormat mono = new StreamFormat(NewSamples.monoRate(format), 1);
        this.processor = processor;
        this.maxFrames = bufferSize;
        this.in = new float[1][bufferSize];
        this.out = new float[1][bufferSize];
        StreamFormat given = processor.prepare(mono, bufferSize);
        if (!given.equals(mono)) {
            throw new IllegalArgumentException("processor=" + processor.id() + " makes " + given + " of " + mono
                    + "; a TarsosDSP chain keeps its format, so choose a processor that does");
        }
    }

    @Override
    public synchronized boolean process(AudioEvent event) {
        if (finished) {
            return true;
        }
        float[] buffer = event.getFloatBuffer();
        int end = buffer.length;
        for (int at = NewSamples.start(event); at < end; at += maxFrames) {
            int count = Math.min(maxFrames, end - at);
            System.arraycopy(buffer, at, in[0], 0, count);
            processor.process(in, out, count);
            System.arraycopy(out[0], 0, buffer, at, count);
        }
        return true;
    }

    @Override
    public synchronized void processingFinished() {
        if (!finished) {
            finished = true;
            processor.finish();
        }
    }
}
