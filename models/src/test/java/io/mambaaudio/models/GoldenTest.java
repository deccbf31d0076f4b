package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against logits that Hugging Face transformers, or numpy for the speech format, computed in float64: src/test/python/make_goldens.py; S4D: training/s4d/goldens.py. */
final class GoldenTest {
    /** Largest difference in units of the largest logit. The kernels' own rounding; int8 and bf16 files are exact as stored. */
    private static final double EXACT = 2e-5;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mamba1-a",
                "mamba1-bias-untied",
                "mamba1-expand3",
                "mamba1-float16",
                "mamba2-a",
                "mamba2-groups-bias-tied",
                "mamba2-one-group",
                "mamba2-bfloat16-sharded",
                "speech-int8",
                "s4d-lin",
                "s4d-inv"
            })
    void stepMatchesTheReference(String name) {
        for (Backend backend : List.of(Backend.SCALAR, Backend.VECTOR)) {
            for (Weights weights : List.of(Weights.AS_STORED, Weights.F32)) {
                check(name, backend, weights, EXACT);
            }
        }
    }

    /** Rounding the weights of a model this small and random costs this much; a real model's loss is measured as word errors. */
    @ParameterizedTest
    @CsvSource({
        "mamba1-a, BF16, 2e-2",
        "mamba1-a, INT8, 1.2e-1",
        "mamba2-a, BF16, 2e-2",
        "mamba2-a, INT8, 1.2e-1",
    })
    void roundedWeightsStayNearTheReference(String name, Weights weights, double tolerance) {
        for (Backend backend : List.of(Backend.SCALAR, Backend.VECTOR)) {
            check(name, backend, weights, tolerance);
        }
    }

    private static void check(String name, Backend backend, Weights weights, double tolerance) {
        Path folder = Resources.path("golden/" + name);
        try (Checkpoint checkpoint = Checkpoint.openFolder(folder);
                Checkpoint file = Checkpoint.open(folder.resolve("expected.safetensors"));
                Session session = Mamba.load(checkpoint, weights).open(backend)) {
            Expected.Comparison found = Expected.read(file).compare(session);
            System.out.printf(
                    "golden %s, %s, %s: %.1e of the largest logit%n", name, backend, weights, found.relative());
            assertTrue(found.within(tolerance), () -> name + " " + backend + ": " + found + ", expected " + tolerance);
        }
    }

    @Test
    void aComparisonWithNotANumberNeverPasses() {
        assertFalse(new Expected.Comparison(Double.NaN, 1, 5).within(1));
        assertFalse(new Expected.Comparison(0, Double.NaN, 5).within(1));
        assertFalse(new Expected.Comparison(0, 1, 0).within(1));
        assertTrue(new Expected.Comparison(0.5, 1, 5).within(0.5));
    }
}
