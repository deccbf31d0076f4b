package io.mambaaudio.demo;

import io.mambaaudio.models.train.Batch;
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

    /**
     * A part of the training.
     *
     * @param data tokens to copy
     * @param length of the text
     * @param batch sequences a step
     * @param share of all steps
     */
    record Stage(int data, int length, int batch, double share) {}

    /** The training, from short to long. */
    List<Stage> stages() {
        return switch (this) {
            case SELECTIVE_COPYING ->
                List.of(
                        new Stage(4, 32, 32, 0.15),
                        new Stage(16, 64, 24, 0.45),
                        new Stage(16, 256, 8, 0.25),
                        new Stage(16, 1024, 2, 0.1),
                        new Stage(16, 4096, 1, 0.05));
            case INDUCTION_HEADS -> List.of(new Stage(0, 32, 64, 0.6), new Stage(0, 256, 8, 0.4));
        };
    }

    /** Training steps that are enough. */
    int steps() {
        return this == SELECTIVE_COPYING ? 4000 : 1000;
    }

    /** At which it is tested. */
    List<Integer> lengths() {
        return this == SELECTIVE_COPYING
                ? List.of(64, 256, 1024, 4096, 16_384)
                : List.of(64, 256, 1024, 4096, 1 << 14, 1 << 16, 1 << 18, 1 << 20);
    }

    /** Data tokens of a test. */
    int data() {
        return stages().getLast().data();
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
