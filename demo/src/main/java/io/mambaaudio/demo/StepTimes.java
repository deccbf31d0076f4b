package io.mambaaudio.demo;

import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Session;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import tools.jackson.jr.ob.JSON;

/** Measures the step of a session with random input, whose values do not matter for the time. */
final class StepTimes {
    private static final int MAX_STEPS = 200_000;
    private static final int LEAST_STEPS = 50;
    private static final long SEED = 1;

    private StepTimes() {}

    /**
     * What a step takes.
     *
     * @param medianNanos half of the steps were faster
     * @param p99Nanos of 100 steps 99 were faster
     * @param audioSecondsAStep the sound that a step stands for, in a model that hears
     */
    record Result(long medianNanos, long p99Nanos, OptionalDouble audioSecondsAStep) {}

    /** Warms up and measures, each for so many seconds. */
    static Result measure(Mamba model, Session session, double seconds) {
        run(model, session, seconds);
        long[] nanos = run(model, session, seconds);
        Arrays.sort(nanos);
        return new Result(nanos[nanos.length / 2], nanos[(int) (nanos.length * 0.99)], audioSecondsAStep(model));
    }

    /** The times of as many steps as fit. */
    private static long[] run(Mamba model, Session session, double seconds) {
        RandomGenerator random = new SplittableRandom(SEED);
        float[] logits = new float[model.config().vocabSize()];
        float[] frame =
                new float[model.config().frontend().map(FrameFrontend::nMels).orElse(0)];
        for (int i = 0; i < frame.length; i++) {
            frame[i] = (float) random.nextGaussian(-6, 2); // where the logarithm of a mel power lies
        }
        long[] nanos = new long[MAX_STEPS];
        long end = System.nanoTime() + (long) (seconds * 1e9);
        int steps = 0;
        while (steps < MAX_STEPS && (steps < LEAST_STEPS || System.nanoTime() < end)) {
            nanos[steps] = step(session, frame, steps % model.config().vocabSize(), logits);
            steps++;
        }
        return Arrays.copyOf(nanos, steps);
    }

    /** One step; for a model that hears the frames that it takes, of which only the last costs. */
    private static long step(Session session, float[] frame, int token, float[] logits) {
        long start = System.nanoTime();
        if (frame.length == 0) {
            session.step(token, logits);
        } else {
            while (!session.step(frame, logits)) {
                // not a whole step yet
            }
        }
        return System.nanoTime() - start;
    }

    private static OptionalDouble audioSecondsAStep(Mamba model) {
        if (model.config().frontend().isEmpty() || model.melJson().isEmpty()) {
            return OptionalDouble.empty();
        }
        Map<String, Object> mel = JSON.std.mapFrom(model.melJson().get());
        if (mel != null
                && mel.get("hop_samples") instanceof Number hop
                && mel.get("sample_rate_hz") instanceof Number rate) {
            int stride = model.config().frontend().get().strideFrames();
            return OptionalDouble.of(stride * hop.doubleValue() / rate.doubleValue());
        }
        return OptionalDouble.empty();
    }
}
