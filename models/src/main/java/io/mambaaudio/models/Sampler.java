package io.mambaaudio.models;

/**
 * Draws from what a model says: one of some alternatives by their logits, with temperature and top-p, and normal numbers. The same seed
 * and the same questions give the same answers, on every machine.
 *
 * <p>State: one number (SplitMix64, Steele, Lea and Flood 2014). One thread at a time; nothing allocates after construction.
 */
public final class Sampler {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final double[] weight; // of each alternative; a heap's order is kept in heap
    private final int[] heap;
    private long state;

    /**
     * Makes a sampler.
     *
     * @param seed where its numbers begin
     * @param maxAlternatives the most that {@link #choose} will have to choose from
     */
    public Sampler(long seed, int maxAlternatives) {
        this.state = seed;
        this.weight = new double[maxAlternatives];
        this.heap = new int[maxAlternatives];
    }

    /**
     * Begins again.
     *
     * @param seed as in the constructor
     */
    public void reseed(long seed) {
        state = seed;
    }

    /**
     * Chooses one alternative: from the least set of the likeliest whose shares reach {@code topP} (nucleus sampling, Holtzman et al.
     * 2020), in proportion to {@code exp(logit / temperature)}.
     *
     * @param logits where the alternatives' logits are
     * @param offset the first
     * @param count how many, 1 to maxAlternatives
     * @param temperature 1 as the model says, below 1 bolder for the likely; 0 is the likeliest, whatever topP is
     * @param topP above 0, at most 1 (all alternatives)
     * @return a number from 0 to count - 1
     * @throws IllegalArgumentException if a value is out of its range, or the logits give no distribution
     */
    public int choose(float[] logits, int offset, int count, float temperature, float topP) {
        requireRanges(count, temperature, topP);
        int best = likeliest(logits, offset, count);
        double draw = uniform(); // always one, so that what follows does not depend on the temperature
        if (temperature == 0) {
            return best;
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            weight[i] = StrictMath.exp(((double) logits[offset + i] - logits[offset + best]) / temperature);
            sum += weight[i];
        }
        return topP < 1 ? fromNucleus(count, sum, topP, draw) : fromAll(count, sum, draw);
    }

    private void requireRanges(int count, float temperature, float topP) {
        if (count < 1 || count > weight.length) {
            throw new IllegalArgumentException("count=" + count + " is out of range; choose 1 to " + weight.length);
        }
        if (!(temperature >= 0) || !(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("temperature=" + temperature + ", topP=" + topP
                    + " is out of range; choose temperature >= 0 and 0 < topP <= 1");
        }
    }

    private static int likeliest(float[] logits, int offset, int count) {
        int best = 0;
        for (int i = 0; i < count; i++) {
            if (!(logits[offset + i] < Float.POSITIVE_INFINITY)) { // also NaN
                throw new IllegalArgumentException("logits[" + (offset + i) + "]=" + logits[offset + i]
                        + " gives no distribution; check the model's input");
            }
            if (logits[offset + i] > logits[offset + best]) {
                best = i;
            }
        }
        if (logits[offset + best] == Float.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("all " + count + " logits are -Infinity; at least one must be finite");
        }
        return best;
    }

    private int fromAll(int count, double sum, double draw) {
        double left = draw * sum;
        int last = 0;
        for (int i = 0; i < count; i++) {
            if (weight[i] > 0) {
                last = i;
                left -= weight[i];
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }

    /** A heap gives the likeliest one after the other, and only as many as are needed. */
    private int fromNucleus(int count, double sum, double topP, double draw) {
        for (int i = 0; i < count; i++) {
            heap[i] = i;
        }
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(i, count);
        }
        int size = count;
        double kept = 0;
        while (size > 0 && kept < topP * sum) { // the chosen gather behind the heap, the likeliest last
            int top = heap[0];
            heap[0] = heap[--size];
            heap[size] = top;
            sink(0, size);
            kept += weight[top];
        }
        double left = draw * kept;
        for (int i = count - 1; i > size; i--) {
            left -= weight[heap[i]];
            if (left < 0) {
                return heap[i];
            }
        }
        return heap[size];
    }

    private void sink(int from, int size) {
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], heap[at])) {
                return;
            }
            int swap = heap[at];
            heap[at] = heap[child];
            heap[child] = swap;
            at = child;
        }
    }

    /** Of equals the first comes first, so that the order is one. */
    private boolean before(int a, int b) {
        return weight[a] > weight[b] || (weight[a] == weight[b] && a < b);
    }

    /**
     * A number from 0 to 1.
     *
     * @return uniformly distributed, never 1
     */
    public double uniform() {
        return (next() >>> 11) * 0x1p-53;
    }

    /**
     * A normal number.
     *
     * @return with mean 0 and variance 1 (the polar method, Marsaglia and Bray 1964)
     */
    public double normal() {
        while (true) { // StrictMath's cosine would allocate
            double x = 2 * uniform() - 1;
            double y = 2 * uniform() - 1;
            double r = x * x + y * y;
            if (r > 0 && r < 1) {
                return x * StrictMath.sqrt(-2 * StrictMath.log(r) / r);
            }
        }
    }

    private long next() {
        state += GOLDEN;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
