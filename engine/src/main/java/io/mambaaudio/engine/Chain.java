package io.mambaaudio.engine;

import java.util.List;

/** The processors of an engine and the blocks between them. One thread at a time. */
final class Chain {
    private final List<Processor> processors;
    private final float[][][] blocks; // (processors + 1, channels there, blockFrames)
    private StreamFormat outputFormat;
    private int failed = -1;

    /** Prepares every processor in order. */
    Chain(List<Processor> processors, StreamFormat input, int blockFrames) {
        this.processors = processors;
        this.blocks = new float[processors.size() + 1][][];
        this.outputFormat = input;
        blocks[0] = new float[input.channels()][blockFrames];
        for (int i = 0; i < processors.size(); i++) {
            outputFormat = prepare(processors.get(i), outputFormat, blockFrames);
            blocks[i + 1] = new float[outputFormat.channels()][blockFrames];
        }
    }

    private static StreamFormat prepare(Processor processor, StreamFormat format, int blockFrames) {
        StreamFormat out;
        try {
            out = processor.prepare(format, blockFrames);
        } catch (RuntimeException | Error e) {
            throw new EngineException(
                    "processor \"" + processor.id() + "\" can't be prepared: " + EngineException.reason(e), e);
        }
        if (out.sampleRateHz() != format.sampleRateHz()) {
            throw new EngineException("processor \"" + processor.id() + "\" gives sampleRateHz=" + out.sampleRateHz()
                    + " from " + format.sampleRateHz() + ", but a block out has as many frames as the block in");
        }
        return out;
    }

    /** Where the next block is to be put. */
    float[][] in() {
        return blocks[0];
    }

    /** Where the last processor wrote to. */
    float[][] out() {
        return blocks[blocks.length - 1];
    }

    StreamFormat outputFormat() {
        return outputFormat;
    }

    /** Takes the block in {@link #in} through all processors. */
    void process(int frames) {
        for (int i = 0; i < processors.size(); i++) {
            try {
                processors.get(i).process(blocks[i], blocks[i + 1], frames);
            } catch (Throwable e) { // also errors: the rest of the chain is still finished
                failed = i;
                throw failure(processors.get(i), e);
            }
        }
    }

    /** Finishes every processor in order, but for one that failed in {@link #process}; failures go to the control. */
    void finish(EngineControl control) {
        for (int i = 0; i < processors.size(); i++) {
            if (i == failed) {
                continue;
            }
            try {
                processors.get(i).finish();
            } catch (Throwable e) { // the others still get their turn
                control.fail(failure(processors.get(i), e));
            }
        }
    }

    private static EngineException failure(Processor processor, Throwable e) {
        return new EngineException("processor \"" + processor.id() + "\" failed: " + EngineException.reason(e), e);
    }
}
