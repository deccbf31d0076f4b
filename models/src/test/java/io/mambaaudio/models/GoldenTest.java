package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against logits that Hugging Face transformers computed in float64. */
final class GoldenTest {
    @ParameterizedTest
    @CsvSource({
        "mamba1-a, SCALAR, F32, 2e-5",
        "mamba1-a, VECTOR, F32, 2e-5",
        "mamba2-a, SCALAR, F32, 2e-5",
        "mamba2-a, VECTOR, F32, 2e-5",
    })
    void stepMatchesHuggingFace(String name, Backend backend, Weights weights, double tolerance) {
        Path folder = Resources.path("golden/" + name);
        try (Checkpoint checkpoint = Checkpoint.openFolder(folder);
                Checkpoint file = Checkpoint.open(folder.resolve("expected.safetensors"));
                Session session = Mamba.load(checkpoint, weights).open(backend)) {
            Expected.Comparison found = Expected.read(file).compare(session);
            System.out.printf("%s: %s %s %s: %.2e%n", "golden", name, backend, weights, found.relative());
            assertTrue(found.within(tolerance), () -> name + ": " + found + ", expected " + tolerance);
        }
    }
}
