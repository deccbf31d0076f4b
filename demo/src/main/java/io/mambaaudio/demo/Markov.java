package io.mambaaudio.demo;

/**
 * A Markov model of bytes that learns as it reads: contexts of 0 to {@code order} bytes, mixed by Witten and Bell's rule (1991), the longer
 * the context the more it counts if it has been seen often with few continuations. The yardstick of {@code perplexity}.
 */
final class Markov {
    private static final int BYTES = 256;
    private static final int TOTAL = 256; // in place of a byte: how often a context was seen
    private static final int KINDS = 257; // with how many different continuations

    private final int order;
    private long[] keys = new long[1 << 20];
    private int[] counts = new int[1 << 20];
    private int used;

    Markov(int order) {
        this.order = order;
    }

    /** Foretells each byte from those before it, then learns it; the answer is the bits that all would take. */
    double bits(byte[] text) {
        double bits = 0;
        long past = 0; // the last bytes, the newest lowest
        for (int i = 0; i < text.length; i++) {
            int symbol = Byte.toUnsignedInt(text[i]);
            double p = 1.0 / BYTES;
            for (int n = 0; n <= Math.min(order, i); n++) {
                double total = counts[slot(n, past, TOTAL)];
                if (total == 0) {
                    break;
                }
                double kinds = counts[slot(n, past, KINDS)];
                p = (counts[slot(n, past, symbol)] + kinds * p) / (total + kinds);
            }
            bits -= Math.log(p) / Math.log(2);
            for (int n = 0; n <= Math.min(order, i); n++) {
                learn(n, past, symbol);
            }
            past = (past << 8) | symbol;
        }
        return bits;
    }

    private void learn(int n, long past, int symbol) {
        if (add(n, past, symbol) == 1) {
            add(n, past, KINDS);
        }
        add(n, past, TOTAL);
    }

    private int add(int n, long past, int symbol) {
        if (used > keys.length / 2) {
            grow();
        }
        int slot = slot(n, past, symbol);
        if (counts[slot] == 0) {
            used++;
            keys[slot] = key(n, past, symbol);
        }
        return ++counts[slot];
    }

    /** Unique for contexts of at most five bytes: 9 bits of symbol, 40 of context, the order above. */
    private static long key(int n, long past, int symbol) {
        long context = past & ((1L << (8 * n)) - 1);
        return ((long) (n + 1) << 52) | (context << 9) | symbol;
    }

    private int slot(int n, long past, int symbol) {
        return slot(key(n, past, symbol));
    }

    private int slot(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        int mask = keys.length - 1;
        int slot = (int) (hash >>> 40) & mask;
        slot = (slot ^ (int) (hash >>> 20)) & mask;
        while (keys[slot] != key && keys[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldCounts = counts;
        keys = new long[oldKeys.length * 2];
        counts = new int[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                counts[slot] = oldCounts[i];
            }
        }
    }
}
