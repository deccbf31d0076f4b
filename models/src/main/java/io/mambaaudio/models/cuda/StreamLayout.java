package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How {@code stream.cu} shares a model among blocks: which share of the rows and channels a block has, and where its parts lie in a stage of
 * shared memory. Sizes of parts in bytes. The fields are those of the kernel's {@code Dims}, in its order.
 */
final class StreamLayout {
    private static final int WARPS = 24; // as in stream.cu

    private final MambaConfig c;
    final boolean dual;
    final int blocks;
    final int elementBytes;
    final int channels; // of d_inner
    final int outRows;
    final int dtRows; // Mamba-2: the heads that a block's channels belong to
    final int bcRows; // Mamba-2
    final int xRows; // Mamba-1: rows of x_proj
    final int inRows; // x (channels), z (channels), dt (dtRows), B and C (bcRows)
    final int convRows; // x (channels), B and C (bcRows)
    final int inputFloats; // of a window; 0 for tokens

    final int scaleIn;
    final int biasIn;
    final int convWeight;
    final int convBias;
    final int xProj;
    final int dtProj;
    final int dtBias;
    final int a;
    final int d;
    final int out;
    final int scaleOut;
    final int biasOut;
    final int ownBytes; // what is a block's own
    final int commonBytes; // the norms, which all blocks read
    private final int convState;
    private final int ssmState;
    private final int stageBytes;

    StreamLayout(MambaConfig c, int elementBytes, int blocks) {
        this.c = c;
        this.dual = c.kind() == MambaConfig.Kind.MAMBA2;
        this.blocks = blocks;
        this.elementBytes = elementBytes;
        this.channels = share(c.dInner());
        this.outRows = share(c.dModel());
        this.dtRows = dual ? headsOfABlock() : 0;
        this.bcRows = dual ? share(2 * c.nGroups() * c.dState()) : 0;
        this.xRows = dual ? 0 : share(c.dtRank() + 2 * c.dState());
        this.inRows = 2 * channels + dtRows + bcRows;
        this.convRows = channels + bcRows;
        this.inputFloats = c.frontend().map(f -> f.windowSize()).orElse(0);
        int at = padded(inRows * c.dModel() * elementBytes);
        scaleIn = at;
        biasIn = at += floats(inRows);
        convWeight = at += floats(inRows);
        convBias = at += floats(c.dConv() * convRows);
        xProj = at += floats(convRows);
        dtProj = at += floats(xRows * c.dInner());
        dtBias = at += floats(channels * c.dtRank());
        a = at += floats(channels);
        d = at += floats(dual ? channels : channels * c.dState());
        out = at += floats(channels);
        scaleOut = at += padded(outRows * c.dInner() * elementBytes);
        biasOut = at += floats(outRows);
        ownBytes = at + floats(outRows);
        commonBytes = floats(c.dModel()) + (dual ? floats(c.dInner()) : 0);
        convState = ownBytes + commonBytes;
        ssmState = convState + floats((c.dConv() - 1) * convRows);
        stageBytes = ssmState + floats(c.dState() * channels);
    }

    private int share(int n) {
        return (n + blocks - 1) / blocks;
    }

    private int headsOfABlock() {
        int most = 1;
        for (int c0 = 0; c0 < c.dInner(); c0 += channels) {
            int last = Math.min(c0 + channels, c.dInner()) - 1;
            most = Math.max(most, last / c.headDim() - c0 / c.headDim() + 1);
        }
        return most;
    }

    private static int padded(int bytes) {
        return (bytes + 15) / 16 * 16;
    }

    private static int floats(int n) {
        return padded(4 * n);
    }

    /** Whether rows can be read 16 bytes at a time. */
    boolean aligned() {
        int unit = 16 / elementBytes;
        return c.dModel() % Math.max(4, unit) == 0
                && c.dInner() % Math.max(4, unit) == 0
                && inputFloats % Math.max(4, unit) == 0;
    }

    /** Dynamic shared memory of a block: two stages and what stream.cu keeps besides. */
    int sharedBytes() {
        int floats = Math.max(c.dModel(), inputFloats)
                + c.dInner()
                + (inRows + 3) / 4 * 4
                + Math.max(8 * WARPS, inRows)
                + 64;
        return 2 * stageBytes + 4 * floats;
    }

    /** Places for values on their way, 8 bytes each. */
    int mailPlaces() {
        int bc = 2 * c.nGroups() * c.dState();
        int perLayer = dual ? bc : c.dInner() + (c.dtRank() + 2 * c.dState() + 1) / 2 * 2;
        return c.nLayers() * (perLayer + c.dInner() + c.dModel()) + c.dModel();
    }

    /** The kernel's struct. */
    byte[] dims() {
        int[] ints = {
            c.dModel(),
            c.dInner(),
            c.dState(),
            c.dConv(),
            c.dtRank(),
            c.nHeads(),
            c.headDim(),
            c.nGroups(),
            c.vocabSize(),
            c.nLayers(),
            channels,
            outRows,
            dtRows,
            bcRows,
            xRows,
            scaleIn,
            biasIn,
            convWeight,
            convBias,
            xProj,
            dtProj,
            dtBias,
            a,
            d,
            out,
            scaleOut,
            biasOut,
            ownBytes,
            ownBytes,
            ownBytes + floats(c.dModel()),
            convState,
            ssmState,
            stageBytes,
            inputFloats
        };
        ByteBuffer b = ByteBuffer.allocate(4 * (ints.length + 3)).order(ByteOrder.nativeOrder());
        for (int v : ints) {
            b.putInt(v);
        }
        return b.putFloat(c.normEps())
                .putFloat(c.timeStepMin())
                .putFloat(c.timeStepMax())
                .array();
    }
}
