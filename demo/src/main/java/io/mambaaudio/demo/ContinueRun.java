package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioOutput;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.music.Continuer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/**
 * One continuation of a prompt: the prompt goes through the continuer block by block, the machine takes over 20 ms before its end (so that
 * the cross-fade lies in sound), then it plays to silence. Single-threaded, as fast as the machine allows; the samples are those of a live
 * stream that is told to go on at the same moment.
 */
final class ContinueRun {
    static final double HAND_OVER_SECONDS = 0.02;
    private static final int BLOCKS_A_SECOND = 100;
    private static final double FADE_SECONDS = 0.05; // at the very end
    private static final int CONTINUE = 2; // of the parameter's choices

    private final Sound prompt;
    private final long total; // frames of prompt and continuation
    private final boolean onlyContinuation;
    private final Interruption interruption;
    private final DoubleConsumer progress;

    /**
     * Says what is to be done.
     *
     * @param seconds of continuation
     * @param progress told the share that is done
     */
    ContinueRun(
            Sound prompt,
            double seconds,
            boolean onlyContinuation,
            Interruption interruption,
            DoubleConsumer progress) {
        this.prompt = prompt;
        this.total = prompt.frames() + Math.round(seconds * prompt.sampleRateHz());
        this.onlyContinuation = onlyContinuation;
        this.interruption = interruption;
        this.progress = progress;
    }

    /** Seconds of what is written. */
    double writtenSeconds() {
        return (double) (total - firstWritten()) / prompt.sampleRateHz();
    }

    private long firstWritten() {
        return onlyContinuation ? prompt.frames() : 0;
    }

    /** Runs it to the end, or until the user interrupts. The continuer is closed; the output is opened, and left to the caller to close. */
    void run(Continuer continuer, AudioOutput output, Optional<MelPicture> picture) {
        int rate = prompt.sampleRateHz();
        int channels = prompt.samples().length;
        int block = Math.max(1, rate / BLOCKS_A_SECOND);
        long handOver = Math.max(0, prompt.frames() - Math.round(HAND_OVER_SECONDS * rate));
        float[][] in = new float[channels][block];
        float[][] out = new float[channels][block];
        try (continuer) {
            continuer.prepare(new StreamFormat(rate, channels), block);
            output.open(new StreamFormat(rate, channels));
            for (long at = 0; at < total && !interruption.asked(); ) {
                long stop = at < handOver ? handOver : total;
                int count = (int) Math.min(block, stop - at);
                fill(in, at, count);
                if (at == handOver) {
                    continuer.parameter(Continuer.MODE).set(CONTINUE);
                }
                continuer.process(in, out, count);
                write(out, at, count, output, picture);
                at += count;
                progress.accept((double) at / total);
            }
            continuer.finish();
        }
        output.drain();
    }

    private void fill(float[][] in, long at, int count) {
        for (int c = 0; c < in.length; c++) {
            int heard = Math.clamp(prompt.frames() - at, 0, count);
            if (heard > 0) {
                System.arraycopy(prompt.samples()[c], (int) at, in[c], 0, heard);
            }
            Arrays.fill(in[c], heard, count, 0);
        }
    }

    private void write(float[][] out, long at, int count, AudioOutput output, Optional<MelPicture> picture) {
        int skip = Math.clamp(firstWritten() - at, 0, count);
        double fade = FADE_SECONDS * prompt.sampleRateHz();
        for (float[] channel : out) {
            System.arraycopy(channel, skip, channel, 0, count - skip);
            for (int i = 0; i < count - skip; i++) {
                double left = (total - at - skip - i) / fade;
                channel[i] *= left >= 1 ? 1 : (float) (0.5 - 0.5 * Math.cos(Math.PI * left));
            }
        }
        if (skip < count) {
            output.write(out, count - skip);
            picture.ifPresent(p -> p.push(mono(out, count - skip), count - skip));
        }
    }

    private static float[] mono(float[][] channels, int count) {
        float[] sum = new float[count];
        for (float[] channel : channels) {
            for (int i = 0; i < count; i++) {
                sum[i] += channel[i] / channels.length;
            }
        }
        return sum;
    }
}
