package io.mambaaudio.engine;

import java.util.List;
import java.util.SplittableRandom;

/** Sounds and small chains for tests. */
final class Sounds {
    private Sounds() {}

    /** Noise that is the same for the same seed. */
    static float[][] noise(long seed, int channels, int frames) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] samples = new float[channels][frames];
        for (float[] channel : samples) {
            for (int i = 0; i < frames; i++) {
                channel[i] = (float) random.nextDouble(-1, 1);
            }
        }
        return samples;
    }

    /** What comes out of a chain. */
    static float[][] through(AudioInput input, List<? extends Processor> chain, EngineOptions options) {
        ArrayOutput output = AudioOutputs.array();
        run(AudioEngine.open(input, chain, output, options));
        return output.samples();
    }

    /** Runs an engine to its end and throws its failure. */
    static EngineStats run(AudioEngine engine) {
        try (engine) {
            engine.start();
            engine.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        engine.failure().ifPresent(e -> {
            throw e;
        });
        return engine.stats();
    }

    /** Waits without the checked exception. */
    static boolean await(AudioEngine engine, java.time.Duration limit) {
        try {
            return engine.await(limit);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sleeps without the checked exception. */
    static void sleepMillis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
