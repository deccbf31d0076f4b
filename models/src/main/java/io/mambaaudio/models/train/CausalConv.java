package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.Optional;

/**
 * The causal depthwise convolution and its silu, over a chunk of time of every sequence. The chunk's input is extended by the {@code taps - 1}
 * rows before it: (batch, taps - 1 + steps, channels).
 *
 * @param weight (channels, 1, taps)
 * @param bias (channels)
 */
record CausalConv(Parameter weight, Optional<Parameter> bias) {
    private static final int CHANNELS = 64;

    int channels() {
        return weight.shape()[0];
    }

    int taps() {
        return weight.shape()[2];
    }

    /** Rows before the first. */
    int before() {
        return taps() - 1;
    }

    /** pre and out (batch, steps, channels): the convolution, and its silu. */
    void forward(Compute compute, int batch, int steps, float[] extended, float[] pre, float[] out) {
        int channels = channels();
        float[] w = byTap();
        compute.rows(batch * steps, (from, to) -> {
            for (int r = from; r < to; r++) {
                int in = (r + r / steps * before()) * channels;
                row(w, extended, in, pre, r * channels);
                TrainingKernels.silu(pre, r * channels, out, r * channels, channels);
            }
        });
    }

    private void row(float[] w, float[] in, int inAt, float[] pre, int at) {
        int channels = channels();
        for (int c = 0; c < channels; c++) {
            pre[at + c] = bias.isPresent() ? bias.get().value()[c] : 0;
        }
        for (int k = 0; k < taps(); k++) {
            for (int c = 0; c < channels; c++) {
                pre[at + c] += w[k * channels + c] * in[inAt + k * channels + c];
            }
        }
    }

    /**
     * Backwards.
     *
     * @param dOut the gradient of out (batch, steps, channels); becomes that of pre
     * @param dExtended that of the extended input, added to
     */
    void backward(
            Compute compute, int batch, int steps, float[] extended, float[] pre, float[] dOut, float[] dExtended) {
        int channels = channels();
        compute.rows(batch * steps, (from, to) -> {
            int at = from * channels;
            TrainingKernels.siluBackward(pre, at, dOut, at, dOut, at, (to - from) * channels);
        });
        float[] w = byTap();
        compute.blocks(
                channels, CHANNELS, (from, to) -> channels(w, batch, steps, extended, dOut, dExtended, from, to));
    }

    /** Some channels: no other part writes them. */
    private void channels(float[] w, int batch, int steps, float[] in, float[] dPre, float[] dIn, int from, int to) {
        int channels = channels();
        float[] dw = new float[taps() * channels];
        for (int r = 0; r < batch * steps; r++) {
            int first = (r + r / steps * before()) * channels;
            for (int k = 0; k < taps(); k++) {
                int inAt = first + k * channels;
                for (int c = from; c < to; c++) {
                    float d = dPre[r * channels + c];
                    dw[k * channels + c] += d * in[inAt + c];
                    dIn[inAt + c] += d * w[k * channels + c];
                }
            }
            for (int c = from; c < to && bias.isPresent(); c++) {
                bias.get().gradient()[c] += dPre[r * channels + c];
            }
        }
        for (int c = from; c < to; c++) {
            for (int k = 0; k < taps(); k++) {
                weight.gradient()[c * taps() + k] += dw[k * channels + c];
            }
        }
    }

    /** (taps, channels), so that the channels lie side by side. */
    private float[] byTap() {
        int channels = channels();
        float[] out = new float[weight.size()];
        for (int c = 0; c < channels; c++) {
            for (int k = 0; k < taps(); k++) {
                out[k * channels + c] = weight.value()[c * taps() + k];
            }
        }
        return out;
    }
}
