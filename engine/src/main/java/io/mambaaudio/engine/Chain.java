package io.mambaaudio.engine;

import java.util.List;
import java.util.function.Consumer;

/**
 * Processors in order, each in a {@link Slot} with a bypass and a clock. An {@link AudioEngine} runs one; another host can run one as
 * if it were a single processor, with {@link #convert}.
 *
 * <p>Threads: as every {@link Processor}. The chain owns its processors and closes them.
 */
public final class Chain implements RateChanger {
    private final List<Slot> slots;
    private final boolean changesRate;
    private final float[][][] blocks; // (slots + 1, channels there, the most frames there)
    private StreamFormat inputFormat = new StreamFormat(1, 1);
    private StreamFormat outputFormat = inputFormat;
    private int failed = -1;

    /** Takes the frames that a {@link #flush} lets out; they are in {@link #out}. */
    interface BlockSink {
        /**
         * Takes them.
         *
         * @param frames how many of {@link #out} count
         */
        void accept(int frames);
    }

    /**
     * Makes a chain; nothing is prepared yet.
     *
     * @param processors in the order of the sound; none passes it through
     */
    public Chain(List<? extends Processor> processors) {
        this.slots = processors.stream().map(Slot::new).toList();
        this.changesRate = slots.stream().anyMatch(slot -> slot.processor() instanceof RateChanger);
        this.blocks = new float[slots.size() + 1][0][];
    }

    @Override
    public String id() {
        return "chain";
    }

    /**
     * The places of the processors.
     *
     * @return in the order of the sound, always the same
     */
    public List<Slot> slots() {
        return slots;
    }

    /**
     * What comes out.
     *
     * @return rate and channels, once prepared
     */
    public StreamFormat outputFormat() {
        return outputFormat;
    }

    /**
     * How much later the sound that comes out is than the sound that goes in, all processors together.
     *
     * @return frames at the output's rate, rounded up
     */
    @Override
    public int latencyFrames() {
        double seconds = latencySeconds();
        return (int) Math.ceil(seconds * outputFormat.sampleRateHz() - 1e-6);
    }

    /**
     * As {@link #latencyFrames}.
     *
     * @return seconds
     */
    public double latencySeconds() {
        return slots.stream().mapToDouble(Slot::latencySeconds).sum();
    }

    @Override
    public long events() {
        long sum = 0;
        for (int i = 0; i < slots.size(); i++) {
            sum += slots.get(i).processor().events();
        }
        return sum;
    }

    /** @throws EngineException that names the processor which can't be prepared */
    @Override
    public StreamFormat prepare(StreamFormat format, int maxFrames) {
        inputFormat = format;
        outputFormat = format;
        failed = -1;
        int frames = maxFrames;
        blocks[0] = new float[format.channels()][frames];
        for (int i = 0; i < slots.size(); i++) {
            outputFormat = slots.get(i).prepare(outputFormat, frames);
            frames = slots.get(i).maxOutputFrames(frames);
            blocks[i + 1] = new float[outputFormat.channels()][frames];
        }
        return outputFormat;
    }

    @Override
    public int maxOutputFrames() {
        return out()[0].length;
    }

    /** Where the next block is to be put. */
    float[][] in() {
        return blocks[0];
    }

    /** Where the last processor wrote to. */
    float[][] out() {
        return blocks[blocks.length - 1];
    }

    @Override
    public int convert(float[][] in, float[][] out, int frames) {
        copy(in, blocks[0], frames);
        int written = run(frames);
        copy(out(), out, written);
        return written;
    }

    /** As {@link #convert}, in a chain that leaves the number of frames as it is. */
    @Override
    public void process(float[][] in, float[][] out, int frames) {
        if (changesRate) {
            RateChanger.super.process(in, out, frames);
        }
        convert(in, out, frames);
    }

    private static void copy(float[][] from, float[][] to, int frames) {
        for (int c = 0; c < to.length; c++) {
            System.arraycopy(from[c], 0, to[c], 0, frames);
        }
    }

    /** Takes the block in {@link #in} through all processors; returns the frames in {@link #out}. */
    int run(int frames) {
        return run(0, frames);
    }

    private int run(int first, int frames) {
        int count = frames;
        for (int i = first; i < slots.size() && count > 0; i++) {
            try {
                count = slots.get(i).process(blocks[i], blocks[i + 1], count);
            } catch (Throwable e) { // also errors: the rest of the chain is still finished
                failed = i;
                throw failure(slots.get(i), e);
            }
        }
        return count;
    }

    /** The first that still holds frames back gives them to those behind it. */
    @Override
    public int flush(float[][] out) {
        for (int i = 0; i < slots.size(); i++) {
            int written = flush(i);
            if (written > 0) {
                copy(out(), out, written);
                return written;
            }
        }
        return 0;
    }

    /** What a slot lets out, and the slots behind it make of it; it is asked again until something comes out. */
    private int flush(int i) {
        int written = 0;
        while (slots.get(i).processor() instanceof RateChanger changer && written == 0) {
            int held = changer.flush(blocks[i + 1]);
            if (held == 0) {
                break;
            }
            written = run(i + 1, held);
        }
        return written;
    }

    /** @throws EngineException that names the first processor which can't be finished, after all had their turn */
    @Override
    public void finish() {
        EngineException[] first = {null};
        finish(frames -> {}, e -> {
            if (first[0] == null) {
                first[0] = e;
            } else {
                first[0].addSuppressed(e);
            }
        });
        if (first[0] != null) {
            throw first[0];
        }
    }

    /** Flushes and finishes every processor in order, but for one that failed in {@link #process}. */
    void finish(BlockSink sink, Consumer<EngineException> failures) {
        for (int i = 0; i < slots.size(); i++) {
            if (i == failed) {
                continue;
            }
            try {
                for (int frames = flush(i); frames > 0; frames = flush(i)) {
                    sink.accept(frames);
                }
                slots.get(i).processor().finish();
            } catch (Throwable e) { // the others still get their turn
                failures.accept(failure(slots.get(i), e));
            }
        }
    }

    private static EngineException failure(Slot slot, Throwable e) {
        return e instanceof EngineException known
                ? known
                : new EngineException(
                        "processor \"" + slot.processor().id() + "\" failed: " + EngineException.reason(e), e);
    }

    @Override
    public void reset() {
        failed = -1;
        slots.forEach(Slot::reset);
    }

    /** Parameters, bypasses and the states of all streams. */
    @Override
    public byte[] save() {
        return SavedChain.save(slots);
    }

    /** @throws EngineException in one line, if it is damaged or of another chain; a chain that was not touched goes on as it was */
    @Override
    public void restore(byte[] saved) {
        SavedChain.restore(slots, saved);
    }

    @Override
    public void close() {
        slots.forEach(slot -> slot.processor().close());
    }
}
