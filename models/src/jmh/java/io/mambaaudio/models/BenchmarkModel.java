package io.mambaaudio.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model that a benchmark steps: a file, or random weights of the size of the shipped speech model. */
final class BenchmarkModel {
    private BenchmarkModel() {}

    static Mamba open(String model, Weights weights) throws IOException {
        if (!model.equals("random")) {
            return load(Path.of(model), weights);
        }
        Path file = Files.createTempFile("speech", ".safetensors");
        try {
            return load(RandomCheckpoint.speech().write(file), weights);
        } finally {
            Files.delete(file);
        }
    }

    private static Mamba load(Path file, Weights weights) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            return Mamba.load(checkpoint, weights);
        }
    }
}
