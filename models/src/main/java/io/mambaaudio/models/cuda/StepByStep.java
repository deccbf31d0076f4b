package io.mambaaudio.models.cuda;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.MambaConfig;
import io.mambaaudio.models.backend.Slots;

/** Whole sequences as steps, for the few models that {@link Prefill} does not fit. */
final class StepByStep {
    private StepByStep() {}

    /** See {@link Slots#prefill(int, float[], int, int, int, float[])}. */
    static void run(
            Slots slots, MambaConfig c, int slot, float[] frames, int count, int firstDue, int rows, float[] logits) {
        FrameFrontend f = c.frontend().orElseThrow();
        int stride = f.strideFrames();
        int row = rows - (firstDue < count ? (count - 1 - firstDue) / stride + 1 : 0); // negative: not wanted
        int[] one = {slot};
        boolean[] due = new boolean[1];
        float[] frame = new float[f.nMels()];
        float[] out = new float[c.vocabSize()];
        for (int i = 0; i < count; i++) {
            System.arraycopy(frames, i * frame.length, frame, 0, frame.length);
            due[0] = i >= firstDue && (i - firstDue) % stride == 0;
            slots.step(one, 1, frame, due, out);
            if (due[0] && row++ >= 0) {
                System.arraycopy(out, 0, logits, (row - 1) * out.length, out.length);
            }
        }
    }

    /** See {@link Slots#prefill(int, int[], int, int, float[])}. */
    static void run(Slots slots, MambaConfig c, int slot, int[] tokens, int count, int rows, float[] logits) {
        int[] one = {slot};
        int[] token = new int[1];
        float[] out = new float[c.vocabSize()];
        for (int i = 0; i < count; i++) {
            token[0] = tokens[i];
            slots.step(one, 1, token, out);
            int row = i - (count - rows);
            if (row >= 0) {
                System.arraycopy(out, 0, logits, row * out.length, out.length);
            }
        }
    }
}
