package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;

/** What a set of slots keeps on the card: the states, and what a step writes on its way. Row strides in floats. */
final class SlotMemory implements AutoCloseable {
    private static final int STATE_ALIGNMENT = 32;

    private final DeviceMemory memory;
    private final DeviceMemory stateMemory;

    final long slotFloats; // of one slot to the next
    final long states; // (capacity, slotFloats)
    final int projectedStride;
    final int dtBCStride;
    final long header; // ints: entries, entries that are due, 0, 0, slots (capacity), tokens (capacity)
    final long frames; // (capacity, nMels)
    final long x; // (capacity, dModel) the residual stream
    final long u; // (capacity, dModel) its norm
    final long projected; // (capacity, projectedStride) Mamba-1: x, z. Mamba-2: z, x, B, C, dt
    final long conv; // (capacity, convDim)
    final long dtBC; // (capacity, dtBCStride) Mamba-1: dt, B, C
    final long dt; // (capacity, dInner) Mamba-1: before softplus
    final long y; // (capacity, dInner)
    final long logits; // (capacity, vocabSize)

    final long stuck; // one int: whether a block waited in vain
    final long steps; // one int: steps of the one-stream kernel
    final long mail; // (mailPlaces) 8 bytes each

    SlotMemory(MambaConfig c, int capacity, int nMels, int mailPlaces) {
        slotFloats = (long) (c.stateSize() + STATE_ALIGNMENT - 1) / STATE_ALIGNMENT * STATE_ALIGNMENT;
        projectedStride = padded(c.dInner() + c.convDim() + c.nHeads());
        dtBCStride = padded(c.dtRank() + 2 * c.dState());
        long[] rows = {
            nMels,
            c.dModel(),
            c.dModel(),
            projectedStride,
            c.convDim(),
            dtBCStride,
            c.dInner(),
            c.dInner(),
            c.vocabSize()
        };
        long bytes = DeviceMemory.padded(headerBytes(capacity));
        for (long row : rows) {
            bytes += DeviceMemory.padded(4 * row * capacity);
        }
        bytes += DeviceMemory.padded(Integer.BYTES) * 2 + DeviceMemory.padded(8L * mailPlaces);
        stateMemory = new DeviceMemory(4 * slotFloats * capacity, "the states of " + capacity + " streams");
        try {
            memory = new DeviceMemory(bytes, "the steps of " + capacity + " streams");
        } catch (RuntimeException e) {
            stateMemory.close();
            throw e;
        }
        states = stateMemory.take(4 * slotFloats * capacity);
        header = memory.take(headerBytes(capacity));
        long[] at = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            at[i] = memory.take(4 * rows[i] * capacity);
        }
        frames = at[0];
        x = at[1];
        u = at[2];
        projected = at[3];
        conv = at[4];
        dtBC = at[5];
        dt = at[6];
        y = at[7];
        logits = at[8];
        stuck = memory.take(Integer.BYTES);
        steps = memory.take(Integer.BYTES);
        mail = memory.take(8L * mailPlaces);
    }

    static long headerBytes(int capacity) {
        return 4L * (4 + 2L * capacity);
    }

    private static int padded(int n) {
        return (n + 3) / 4 * 4;
    }

    DeviceMemory memory() {
        return memory;
    }

    DeviceMemory stateMemory() {
        return stateMemory;
    }

    long slot(int slot) {
        return states + 4 * slotFloats * slot;
    }

    @Override
    public void close() {
        memory.close();
        stateMemory.close();
    }
}
