package io.mambaaudio.models.train;

import io.mambaaudio.models.cpu.TrainingKernels;
import java.util.Arrays;
import java.util.List;

/**
 * A Transformer token by token, with a cache of keys and values: what a Mamba session stands beside in experiments. A token takes time that
 * grows with those before it, and the cache grows with each. One thread calls.
 */
public final class TransformerStream {
    private static final double BASE = 10_000;
    private static final int FIRST_ROOM = 256;

    private final float[] embeddings;
    private final float[] head; // (vocab, d)
    private final RmsNorm finalNorm;
    private final List<AttentionWeights> layers;
    private final int d;
    private final float[][] keys; // of each layer (heads, headDim, room): time along a row
    private final float[][] values;
    private final float[] x;
    private final float[] u;
    private final float[] wide;
    private float[] scores = new float[FIRST_ROOM];
    private int room = FIRST_ROOM;
    private int time;

    TransformerStream(float[] embeddings, float[] head, RmsNorm finalNorm, List<AttentionWeights> layers) {
        this.embeddings = embeddings;
        this.head = head;
        this.finalNorm = finalNorm;
        this.layers = layers;
        this.d = finalNorm.weight().size();
        this.keys = new float[layers.size()][d * room];
        this.values = new float[layers.size()][d * room];
        this.x = new float[d];
        this.u = new float[d];
        this.wide = new float[4 * d];
    }

    /**
     * Takes a token.
     *
     * @param token 0 to vocabSize - 1
     * @param logits (vocabSize) what comes next
     */
    public void step(int token, float[] logits) {
        grow();
        System.arraycopy(embeddings, token * d, x, 0, d);
        for (int i = 0; i < layers.size(); i++) {
            attend(layers.get(i), keys[i], values[i]);
            AttentionWeights w = layers.get(i);
            norm(w.mlpNorm());
            product(w.up(), u, wide);
            TrainingKernels.gelu(wide, 0, wide, 0, 4 * d);
            product(w.down(), wide, u);
            TrainingKernels.addScaled(1, u, 0, x, 0, d);
        }
        norm(finalNorm);
        for (int v = 0; v < logits.length; v++) {
            logits[v] = TrainingKernels.dot(head, v * d, u, 0, d);
        }
        time++;
    }

    private void attend(AttentionWeights w, float[] k, float[] v) {
        norm(w.norm());
        product(w.qkv(), u, wide); // q, k, v
        int n = w.headDim();
        float scale = (float) (1 / Math.sqrt(n));
        for (int first = 0; first < d; first += n) {
            rotate(wide, first, n);
            rotate(wide, d + first, n);
            for (int c = first; c < first + n; c++) {
                k[c * room + time] = wide[d + c];
                v[c * room + time] = wide[2 * d + c];
            }
            Arrays.fill(scores, 0, time + 1, 0);
            for (int c = first; c < first + n; c++) {
                TrainingKernels.addScaled(scale * wide[c], k, c * room, scores, 0, time + 1);
            }
            TrainingKernels.softmax(scores, 0, time + 1);
            for (int c = first; c < first + n; c++) {
                u[c] = TrainingKernels.dot(scores, 0, v, c * room, time + 1);
            }
        }
        product(w.out(), u, wide);
        TrainingKernels.addScaled(1, wide, 0, x, 0, d);
    }

    private void norm(RmsNorm norm) {
        float scale = TrainingKernels.rms(x, 0, d, norm.eps());
        TrainingKernels.normalise(x, 0, scale, norm.weight().value(), u, 0, d);
    }

    private static void product(Linear w, float[] in, float[] out) {
        for (int r = 0; r < w.outputs(); r++) {
            out[r] = TrainingKernels.dot(w.weight().value(), r * w.inputs(), in, 0, w.inputs());
        }
    }

    private void rotate(float[] at, int first, int n) {
        for (int c = 0; c < n; c += 2) {
            double angle = time * Math.pow(BASE, -c / (double) n);
            float cos = (float) Math.cos(angle);
            float sin = (float) Math.sin(angle);
            float a = at[first + c];
            float b = at[first + c + 1];
            at[first + c] = a * cos - b * sin;
            at[first + c + 1] = a * sin + b * cos;
        }
    }

    private void grow() {
        if (time < room) {
            return;
        }
        for (float[][] cache : List.of(keys, values)) {
            for (int i = 0; i < cache.length; i++) {
                float[] larger = new float[2 * cache[i].length];
                for (int c = 0; c < d; c++) {
                    System.arraycopy(cache[i], c * room, larger, 2 * c * room, room);
                }
                cache[i] = larger;
            }
        }
        room *= 2;
        scores = new float[room];
    }

    /**
     * What the stream must keep by now: keys and values of all tokens.
     *
     * @return bytes
     */
    public long stateBytes() {
        return 4L * 2 * layers.size() * d * time;
    }
}
