package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import io.mambaaudio.models.Backend;
import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.ModelException;
import io.mambaaudio.models.backend.Slots;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Locale;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import org.jspecify.annotations.Nullable;

/**
 * Streams on the GPU. A call copies its inputs into pinned memory, starts one recorded graph (copy in, the kernels, copy of the logits out) and
 * waits for it. Graphs are recorded when a number of entries is first seen, for the next power of two.
 */
final class CudaSlots implements Slots {
    private static final int HEADER_INTS = 4;

    private final CudaModel model;
    private final MambaConfig config;
    private final int capacity;
    private final int nMels;
    private final Optional<StreamModel> streamModel;
    private final CUstream stream = new CUstream();
    private final SlotMemory memory;
    private final StepKernels kernels;
    private final Optional<BatchKernels> batch;
    private Optional<Prefill> prefill = Optional.empty();
    private boolean prefillTried;
    private final PinnedMemory headerMemory;
    private final PinnedMemory frameMemory;
    private final PinnedMemory logitMemory;
    private final PinnedMemory stuckMemory;
    private final IntBuffer stuck;
    private final IntBuffer header;
    private final FloatBuffer frameBuffer;
    private final FloatBuffer logitBuffer;
    private final int[] order; // (capacity) the entries of a call, those that are due first
    private final @Nullable StepGraph[] pushes; // by the logarithm of the number of entries
    private final @Nullable StepGraph[] steps;

    CudaSlots(CudaModel model, int capacity) {
        this.model = model;
        this.config = model.config();
        this.capacity = capacity;
        this.nMels = config.frontend().map(FrameFrontend::nMels).orElse(0);
        this.streamModel = capacity == 1 ? model.stream() : Optional.empty();
        this.memory = new SlotMemory(
                config,
                capacity,
                nMels,
                streamModel.map(s -> s.layout.mailPlaces()).orElse(0));
        check(cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
        this.kernels = new StepKernels(model, memory, stream);
        this.batch = capacity == 1
                ? Optional.empty()
                : model.batch().map(b -> new BatchKernels(model, b, memory, stream, capacity));
        this.headerMemory = new PinnedMemory(SlotMemory.headerBytes(capacity));
        this.frameMemory = new PinnedMemory(4L * Math.max(1, nMels) * capacity);
        this.logitMemory = new PinnedMemory(4L * config.vocabSize() * capacity);
        this.stuckMemory = new PinnedMemory(Integer.BYTES);
        this.stuck = stuckMemory.ints();
        this.header = headerMemory.ints();
        this.frameBuffer = frameMemory.floats();
        this.logitBuffer = logitMemory.floats();
        this.order = new int[capacity];
        this.pushes = new StepGraph[33 - Integer.numberOfLeadingZeros(capacity)];
        this.steps = new StepGraph[pushes.length];
        model.retain();
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void reset(int slot) {
        model.gpu().enter();
        model.kernel("clear_slot").launch(stream, 64, 1, 256, 0, memory.states, memory.slotFloats, slot);
        synchronize();
    }

    @Override
    public void read(int slot, float[] state) {
        model.gpu().enter();
        memory.stateMemory().get(memory.slot(slot), Pointer.to(state), 4L * config.stateSize());
    }

    @Override
    public void write(int slot, float[] state) {
        model.gpu().enter();
        memory.stateMemory().put(memory.slot(slot), Pointer.to(state), 4L * config.stateSize());
    }

    @Override
    public void step(int[] slots, int count, float[] frames, boolean[] due, float[] logits) {
        if (count == 0) {
            return;
        }
        model.gpu().enter();
        int dueCount = sort(count, due);
        header.put(0, count).put(1, dueCount);
        for (int i = 0; i < count; i++) {
            header.put(HEADER_INTS + i, slots[order[i]]);
            frameBuffer.put(i * nMels, frames, order[i] * nMels, nMels);
        }
        graph(pushes, count, true).launch(stream);
        if (dueCount > 0) {
            graph(steps, dueCount, false).launch(stream);
        }
        synchronize();
        for (int i = 0; i < dueCount; i++) {
            logitBuffer.get(i * config.vocabSize(), logits, order[i] * config.vocabSize(), config.vocabSize());
        }
    }

    private int sort(int count, boolean[] due) {
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (due[i]) {
                order[n++] = i;
            }
        }
        int dueCount = n;
        for (int i = 0; i < count; i++) {
            if (!due[i]) {
                order[n++] = i;
            }
        }
        return dueCount;
    }

    @Override
    public void step(int[] slots, int count, int[] tokens, float[] logits) {
        if (count == 0) {
            return;
        }
        model.gpu().enter();
        header.put(0, count).put(1, count);
        header.put(HEADER_INTS, slots, 0, count);
        header.put(HEADER_INTS + capacity, tokens, 0, count);
        graph(steps, count, false).launch(stream);
        synchronize();
        logitBuffer.get(0, logits, 0, count * config.vocabSize());
    }

    /** The graph for so many entries, recorded if it is the first time. */
    private StepGraph graph(@Nullable StepGraph[] graphs, int count, boolean push) {
        int log = 32 - Integer.numberOfLeadingZeros(count - 1);
        StepGraph graph = graphs[log];
        if (graph == null) {
            int entries = Math.min(1 << log, capacity);
            graph = new StepGraph(stream, push ? () -> recordPush(entries) : () -> recordStep(entries));
            graphs[log] = graph;
        }
        return graph;
    }

    private void recordPush(int entries) {
        copyIn(headerMemory, memory.header, SlotMemory.headerBytes(capacity));
        copyIn(frameMemory, memory.frames, 4L * nMels * entries);
        kernels.push(entries, memory.frames, slots(), memory.header);
    }

    private void recordStep(int entries) {
        long due = memory.header + Integer.BYTES;
        if (streamModel.isPresent()) {
            if (nMels == 0) {
                copyIn(headerMemory, memory.header, SlotMemory.headerBytes(capacity));
            }
            kernels.stepStream(streamModel.get(), capacity);
        } else if (nMels > 0 && batch.isPresent()) {
            batch.get().stepWindows(entries, slots(), due);
        } else if (nMels > 0) {
            kernels.stepWindows(entries, slots(), due);
        } else {
            copyIn(headerMemory, memory.header, SlotMemory.headerBytes(capacity));
            kernels.embed(entries, slots() + 4L * capacity, due);
            if (batch.isPresent()) {
                batch.get().blocks(entries, slots(), due);
            } else {
                kernels.blocks(entries, slots(), due);
            }
        }
        check(
                cuMemcpyDtoHAsync(
                        logitMemory.pointer(),
                        memory.memory().pointer(memory.logits),
                        4L * config.vocabSize() * entries,
                        stream),
                "cuMemcpyDtoHAsync");
        if (streamModel.isPresent()) {
            check(
                    cuMemcpyDtoHAsync(
                            stuckMemory.pointer(), memory.memory().pointer(memory.stuck), Integer.BYTES, stream),
                    "cuMemcpyDtoHAsync");
        }
    }

    private long slots() {
        return memory.header + 4L * HEADER_INTS;
    }

    private void copyIn(PinnedMemory from, long to, long bytes) {
        check(cuMemcpyHtoDAsync(memory.memory().pointer(to), from.pointer(), bytes, stream), "cuMemcpyHtoDAsync");
    }

    private void synchronize() {
        check(cuStreamSynchronize(stream), "cuStreamSynchronize");
        if (streamModel.isPresent() && stuck.get(0) != 0) {
            throw new ModelException("backend=cuda: a block of the one-stream kernel waited in vain; "
                    + "close this session and open another");
        }
    }

    @Override
    public void prefill(int slot, float[] frames, int count, int firstDue, int rows, float[] logits) {
        model.gpu().enter();
        Optional<Prefill> sequences = sequences();
        if (sequences.isPresent()) {
            sequences.get().run(memory.slot(slot), frames, count, firstDue, rows, logits);
        } else {
            StepByStep.run(this, config, slot, frames, count, firstDue, rows, logits);
        }
    }

    @Override
    public void prefill(int slot, int[] tokens, int count, int rows, float[] logits) {
        model.gpu().enter();
        Optional<Prefill> sequences = sequences();
        if (sequences.isPresent()) {
            sequences.get().run(memory.slot(slot), tokens, count, rows, logits);
        } else {
            StepByStep.run(this, config, slot, tokens, count, rows, logits);
        }
    }

    /** Room for whole sequences, made when it is first wanted. */
    private Optional<Prefill> sequences() {
        if (!prefillTried) {
            prefill = Prefill.of(model, stream);
            prefillTried = true;
        }
        return prefill;
    }

    @Override
    public Slots sibling(int siblings) {
        model.gpu().enter();
        return new CudaSlots(model, siblings);
    }

    @Override
    public Backend backend() {
        return Backend.CUDA;
    }

    @Override
    public String describe() {
        Gpu gpu = model.gpu();
        return String.format(
                Locale.ROOT,
                "cuda: %s, %d multiprocessors, float32 state%s",
                gpu.name(),
                gpu.multiprocessors(),
                streamModel.isPresent() ? ", one kernel a step" : batch.isPresent() ? ", tensor cores" : "");
    }

    @Override
    public void close() {
        model.gpu().enter();
        for (StepGraph[] graphs : new StepGraph[][] {pushes, steps}) {
            for (StepGraph graph : graphs) {
                if (graph != null) {
                    graph.close();
                }
            }
        }
        check(cuStreamDestroy(stream), "cuStreamDestroy");
        headerMemory.close();
        frameMemory.close();
        logitMemory.close();
        stuckMemory.close();
        prefill.ifPresent(Prefill::close);
        batch.ifPresent(BatchKernels::close);
        memory.close();
        model.release();
    }
}
