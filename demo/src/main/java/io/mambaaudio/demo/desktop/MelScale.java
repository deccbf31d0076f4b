package io.mambaaudio.demo.desktop;

import io.mambaaudio.dsp.MelSpec;

/** Where a frequency lies among the bands of {@link MelSpec#speech}: Slaney's scale, as in Malcolm Slaney's Auditory Toolbox (1998). */
final class MelScale {
    private static final double BREAK_HZ = 1000;
    private static final double HZ_PER_MEL = 200.0 / 3;
    private static final double LOG_STEP = Math.log(6.4) / 27;

    private MelScale() {}

    /** From 0 in the middle of the lowest band to 1 in the middle of the highest. */
    static double place(double hz) {
        MelSpec spec = MelSpec.speech();
        double low = mel(spec.minHz());
        double bandMels = (mel(spec.maxHz()) - low) / (spec.nMels() + 1);
        return ((mel(hz) - low) / bandMels - 1) / (spec.nMels() - 1);
    }

    private static double mel(double hz) {
        return hz < BREAK_HZ ? hz / HZ_PER_MEL : BREAK_HZ / HZ_PER_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP;
    }
}
