package io.mambaaudio.models.cuda;

import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.ModelWeights;
import io.mambaaudio.models.backend.Slots;
import java.util.Random;

/** Many live streams of the shipped speech model's size: every one gets a frame every 10 ms; a quarter of them is due for a step each time. */
final class RealTimeBench {
    private static final long TICK_NANOS = 10_000_000;

    private RealTimeBench() {}

    static void run(int streams, int seconds) {
        ModelWeights w = RandomModel.speech(RandomModel.Kind.INT8);
        MambaConfig c = w.config();
        int nMels = c.frontend().orElseThrow().nMels();
        long before;
        try (Gpu gpu = new Gpu()) {
            before = gpu.freeBytes();
        }
        try (Slots slots = CudaBackend.open(w, streams);
                Gpu gpu = new Gpu()) {
            GpuBench.say(
                    "realtime: %.2f MB of device memory a stream at %d streams",
                    (before - gpu.freeBytes()) / 1e6 / streams, streams);
            int[] of = new int[streams];
            boolean[] due = new boolean[streams];
            for (int i = 0; i < streams; i++) {
                of[i] = i;
                slots.reset(i);
            }
            float[] frames = Inputs.floats(new Random(2), streams * nMels);
            float[] logits = new float[streams * c.vocabSize()];
            for (int t = 0; t < 40; t++) {
                tick(slots, of, due, frames, logits, t);
            }
            int ticks = seconds * 100;
            double[] micros = new double[ticks]; // from the moment that the frames are there to the logits
            int late = 0;
            long begin = System.nanoTime() + TICK_NANOS;
            for (int t = 0; t < ticks; t++) {
                long there = begin + t * TICK_NANOS;
                while (System.nanoTime() < there) {
                    Thread.onSpinWait();
                }
                tick(slots, of, due, frames, logits, t);
                micros[t] = (System.nanoTime() - there) / 1e3;
                late += micros[t] > TICK_NANOS / 1e3 ? 1 : 0;
            }
            GpuBench.requireFinite(logits, "logit");
            GpuBench.report(
                    "realtime streams=" + streams + " " + seconds + " s, later than the next frame: " + late, micros);
        }
    }

    private static void tick(Slots slots, int[] of, boolean[] due, float[] frames, float[] logits, int t) {
        for (int i = 0; i < due.length; i++) {
            due[i] = (i + t) % 4 == 0;
        }
        slots.step(of, of.length, frames, due, logits);
    }
}
