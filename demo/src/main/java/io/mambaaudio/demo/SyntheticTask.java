package io.mambaaudio.demo;

import io.mambaaudio.models.train.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** The two tasks of the Mamba paper's section 4.1 that ask for selection, of 16 tokens each. */
enum SyntheticTask {
    /**
     * Among much noise (token 0) stand some data tokens (2 to 15) at random places; after the text so many markers (token 1) ask for them, in
     * their order. A model without selection cannot tell noise from data.
     */
    SELECTIVE_COPYING {
        @Override
        void fill(SplittableRandom random, int data, int length, int[] tokens, int[] targets, int at) {
            BitSet places = new BitSet(length);
            while (places.cardinality() < data) {
                places.set(random.nextInt(length));
            }
            int place = -1;
            for (int i = 0; i < data; i++) {
                place = places.nextSetBit(place + 1);
                tokens[at + place] = 2 + random.nextInt(VOCAB - 2);
                tokens[at + length + i] = 1;
                targets[at + length + i] = tokens[at + place];
            }
        }
    },

    /**
     * Random tokens (0 to 14); once the special token (15) stands before one of them. The text ends with the special token: which token came
     * after it?
     */
    INDUCTION_HEADS {
        @Override
        void fill(SplittableRandom random, int data, int length, int[] tokens, int[] targets, int at) {
            for (int i = 0; i < length; i++) {
                tokens[at + i] = random.nextInt(SPECIAL);
            }
            int place = random.nextInt(length - 2);
            tokens[at + place] = SPECIAL;
            tokens[at + length - 1] = SPECIAL;
            targets[at + length - 1] = tokens[at + place + 1];
        }
    };

    static final int VOCAB = 16;
    private static final int SPECIAL = 15;
    private static final int DATA = 16;

    /** Steps at full length, tokens that a step sees at least, and nats that are few enough to go on. */
    private static final int LAST = 1000;

    private static final int TOKENS = 2048;
    private static final double ENOUGH = 0.3;

    /**
     * A part of the training.
     *
     * @param data tokens to copy
     * @param length of the text
     * @param batch sequences a step
     * @param rate the learning rate
     * @param most steps; fewer if the mean loss is below {@link #ENOUGH} nats, but the last stage takes all of them, its rate falling to nothing
     */
    record Stage(int data, int length, int batch, double rate, int most) {
        boolean passed(double nats) {
            return nats < ENOUGH;
        }
    }

    /**
     * The training, from short to long and from few data to many: a network that cannot yet copy 14 tokens does not learn to copy 16.
     *
     * @param longest length to train at
     */
    List<Stage> stages(int longest) {
        List<Stage> stages = new ArrayList<>();
        if (this == SELECTIVE_COPYING) {
            for (int data : new int[] {2, 3, 4, 6, 8, 10, 12, 14}) {
                stages.add(stage(data, Math.max(8, 2 * data), 3e-3, 1500));
            }
            stages.add(stage(DATA, 2 * DATA, 3e-3, 3000));
            for (int length = 4 * DATA; length < longest; length *= 2) {
                stages.add(stage(DATA, length, 1.5e-3, 1500));
            }
            stages.add(stage(DATA, longest, 1e-3, longest < longest() ? LAST : 4 * LAST));
        } else {
            stages.add(stage(0, 32, 3e-3, 1500));
            stages.add(stage(0, 64, 3e-3, 1500));
            stages.add(stage(0, 128, 3e-3, 1500));
            // long after the loss is nothing, what lies between the two places goes on to be forgotten less
            stages.add(stage(0, longest, 2e-3, longest < longest() ? LAST : 5 * LAST));
        }
        return List.copyOf(stages);
    }

    private static Stage stage(int data, int length, double rate, int most) {
        int tokens = data == 0 || length < 4 * DATA ? TOKENS : 2 * TOKENS; // few sequences are a noisy gradient
        return new Stage(data, length, Math.ceilDiv(tokens, length + data), rate, most);
    }

    /** At which the paper trains. */
    int longest() {
        return this == SELECTIVE_COPYING ? 4096 : 256;
    }

    /** At which it is tested. */
    List<Integer> lengths() {
        return this == SELECTIVE_COPYING
                ? List.of(64, 256, 1024, 4096, 16_384)
                : List.of(64, 256, 1024, 4096, 1 << 14, 1 << 16, 1 << 18, 1 << 20);
    }

    /** Data tokens of a test. */
    int data() {
        return this == SELECTIVE_COPYING ? DATA : 0;
    }

    /** Puts one sequence of {@code length + data} tokens into rows of zeros. */
    abstract void fill(SplittableRandom random, int data, int length, int[] tokens, int[] targets, int at);

    Batch batch(SplittableRandom random, int size, int data, int length) {
        int row = length + data;
        int[] tokens = new int[size * row];
        int[] targets = new int[size * row];
        Arrays.fill(targets, Batch.NONE);
        for (int b = 0; b < size; b++) {
            fill(random, data, length, tokens, targets, b * row);
        }
        return new Batch(size, row, tokens, targets);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
