package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Slots;
import java.util.Random;

/** Random calls: which slots, their frames or tokens, which are due. */
final class Inputs {
    private final MambaConfig config;
    private final Random random;
    private final int capacity;
    private final int nMels;
    private final int[] slots;
    private final int[] tokens;
    private final float[] frames;
    private final boolean[] due;
    int count;

    Inputs(MambaConfig config, int capacity, Random random) {
        this.config = config;
        this.random = random;
        this.capacity = capacity;
        this.nMels = config.frontend().map(f -> f.nMels()).orElse(0);
        this.slots = new int[capacity];
        this.tokens = new int[capacity];
        this.frames = new float[capacity * nMels];
        this.due = new boolean[capacity];
    }

    static float[] floats(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = 4 * random.nextFloat() - 2;
        }
        return values;
    }

    /** A random subset in random order; half of them due. */
    void next() {
        fill();
        count = 1 + random.nextInt(capacity);
        for (int i = capacity - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int slot = slots[i];
            slots[i] = slots[j];
            slots[j] = slot;
        }
        for (int i = 0; i < capacity; i++) {
            due[i] = capacity == 1 || random.nextInt(4) > 0;
        }
    }

    /** All slots in order, all due. */
    void everyone() {
        fill();
        count = capacity;
    }

    private void fill() {
        for (int i = 0; i < capacity; i++) {
            slots[i] = i;
            due[i] = true;
            tokens[i] = random.nextInt(config.vocabSize());
        }
        System.arraycopy(floats(random, frames.length), 0, frames, 0, frames.length);
    }

    int slot(int i) {
        return slots[i];
    }

    float[] step(Slots s) {
        return stepFirst(s, count);
    }

    float[] stepFirst(Slots s, int n) {
        return step(s, slots, n);
    }

    /** The first entry, for another slot. */
    float[] stepAs(Slots s, int slot) {
        return step(s, new int[] {slot}, 1);
    }

    private float[] step(Slots s, int[] of, int n) {
        float[] logits = new float[n * config.vocabSize()];
        if (nMels > 0) {
            s.step(of, n, frames, due, logits);
        } else {
            s.step(of, n, tokens, logits);
        }
        return logits;
    }
}
