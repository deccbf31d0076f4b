package io.mambaaudio.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@link CheckpointFuzzTest} damages.
 *
 * @param models files of ours
 * @param folders weights of Hugging Face folders, with their configs
 * @param shards a folder of shards, with its index
 * @param expected inputs and logits for the session's model
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FuzzCorpus(
        List<byte[]> models,
        List<byte[]> folders,
        List<byte[]> configs,
        Path shards,
        byte[] index,
        byte[] expected,
        Session session) {
    static FuzzCorpus read(Path folder) throws IOException {
        Path shards = Files.createDirectory(folder.resolve("shards"));
        try (var parts = Files.list(Resources.path("golden/mamba2-bfloat16-sharded"))) {
            for (Path part : parts.toList()) {
                Files.copy(part, shards.resolve(part.getFileName()));
            }
        }
        return new FuzzCorpus(
                List.of(
                        RandomCheckpoint.tiny(true, 1).writer().toBytes(),
                        RandomCheckpoint.tiny(false, 2).writer().toBytes(),
                        golden("speech-int8/model.safetensors")),
                List.of(
                        golden("mamba1-float16/model.safetensors"),
                        golden("mamba2-groups-bias-tied/model.safetensors")),
                List.of(golden("mamba1-float16/config.json"), golden("mamba2-groups-bias-tied/config.json")),
                shards,
                golden("mamba2-bfloat16-sharded/model.safetensors.index.json"),
                golden("mamba2-one-group/expected.safetensors"),
                Mamba.open(Resources.path("golden/mamba2-one-group")).open(Backend.SCALAR));
    }

    private static byte[] golden(String name) throws IOException {
        return Files.readAllBytes(Resources.path("golden/" + name));
    }
}
