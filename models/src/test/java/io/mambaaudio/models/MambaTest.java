package io.mambaaudio.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loading: configurations, names, folders, and what is said about those that do not fit. */
final class MambaTest {
    @TempDir
    private Path folder;

    /** A copy of a golden folder whose files may be changed. */
    private Path copy(String golden) throws IOException {
        Path target = folder.resolve(golden);
        Files.createDirectory(target);
        try (var files = Files.list(Resources.path("golden/" + golden))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return target;
    }

    private static void replace(Path file, String from, String to) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(from), from);
        Files.writeString(file, text.replace(from, to));
    }

    private static String message(Runnable code) {
        return String.valueOf(assertThrows(CheckpointException.class, code::run).getMessage());
    }

    @Test
    void theConfigurationUsesThePapersNames() {
        MambaConfig c =
                Mamba.open(Resources.path("golden/mamba2-groups-bias-tied")).config();
        assertEquals(MambaConfig.Kind.MAMBA2, c.kind());
        assertEquals(
                List.of(24, 2, 23, 48, 7, 3),
                List.of(c.dModel(), c.nLayers(), c.vocabSize(), c.dInner(), c.dState(), c.dConv()));
        assertEquals(List.of(4, 12, 2, 0), List.of(c.nHeads(), c.headDim(), c.nGroups(), c.dtRank()));
        assertEquals(List.of(true, false, true), List.of(c.useBias(), c.useConvBias(), c.tieWordEmbeddings()));
        assertEquals(List.of(0.02f, 0.05f), List.of(c.timeStepMin(), c.timeStepMax()));
        assertTrue(c.frontend().isEmpty());
        MambaConfig one = Mamba.open(Resources.path("golden/mamba1-expand3")).config();
        assertEquals(MambaConfig.Kind.MAMBA1, one.kind());
        assertEquals(List.of(72, 2, 0), List.of(one.dInner(), one.dtRank(), one.nHeads()));
    }

    @Test
    void aSpeechModelHasItsVocabularyItsMelSpecAndItsFrontEnd() {
        Mamba model = Mamba.open(Resources.path("golden/speech-int8/model.safetensors"));
        assertEquals(new FrameFrontend(6, 4, 3), model.config().frontend().orElseThrow());
        Vocabulary vocabulary = model.vocabulary().orElseThrow();
        assertEquals(9, vocabulary.size());
        assertEquals(Vocabulary.BLANK, vocabulary.pieces().getFirst());
        assertTrue(vocabulary.startsWord(1) && !vocabulary.startsWord(3) && !vocabulary.startsWord(0));
        assertEquals("{\"n_mels\": 6}", model.melJson().orElseThrow());
        assertEquals(Weights.AS_STORED, model.precision());
        assertTrue(model.describe().contains("int8 weights"), model.describe());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Infinity", "{\"__float__\": \"Infinity\"}", "\"Infinity\"", "1e400"})
    void anInfiniteTimeStepLimitIsReadHoweverItIsWritten(String infinity) throws IOException {
        Path golden = copy("mamba2-groups-bias-tied");
        replace(golden.resolve("config.json"), "0.05", infinity);
        assertEquals(Float.POSITIVE_INFINITY, Mamba.open(golden).config().timeStepMax());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "model.", "model.backbone."})
    void otherPrefixesOfTheNamesAreUnderstood(String prefix) {
        Path golden = Resources.path("golden/mamba1-a");
        SafetensorsWriter renamed = new SafetensorsWriter();
        long fingerprint;
        try (Checkpoint c = Checkpoint.openFolder(golden)) {
            renamed.metadata(Map.of("mamba_audio.config", c.configText()));
            fingerprint = Mamba.load(c, Weights.AS_STORED).fingerprint();
            for (String name : c.names()) {
                long[] shape = c.shape(name).stream().mapToLong(Long::longValue).toArray();
                String old = name.replace("embeddings.", prefix.isEmpty() ? "embedding." : "embeddings.");
                renamed.floats(old.replace("backbone.", prefix), c.floats(name), shape);
            }
        }
        Mamba model = Mamba.open(renamed.write(folder.resolve("renamed.safetensors")));
        assertEquals(fingerprint, model.fingerprint());
    }

    @Test
    void fingerprintsTellModelsAndPrecisionsApart() {
        try (Checkpoint c = Checkpoint.openFolder(Resources.path("golden/mamba1-a"))) {
            Mamba model = Mamba.load(c, Weights.F32);
            assertEquals(model.fingerprint(), Mamba.load(c, Weights.F32).fingerprint());
            assertNotEquals(model.fingerprint(), Mamba.load(c, Weights.INT8).fingerprint());
            assertNotEquals(
                    model.fingerprint(),
                    Mamba.open(Resources.path("golden/mamba2-a")).fingerprint());
            assertEquals(104_384, model.parameters()); // all floats of the file: the head is tied
            assertEquals(4 * 104_384, model.weightBytes());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"mamba2\" | \"llama\" | model_type: found llama, expected mamba, mamba2 or s4d",
                "\"silu\" | \"gelu\" | hidden_act: found gelu, expected silu",
                "\"hidden_size\": 24 | \"hidden_size\": 0 | hidden_size: found 0, expected a whole number from 1 to 16777216",
                "\"hidden_size\": 24 | \"hidden_size\": 1e9 | hidden_size: found 1.0E9, expected a whole number from 1 to 16777216",
                "\"num_heads\": 4 | \"num_heads\": 5 | num_heads: found 5, expected num_heads * head_dim(12) = expand * hidden_size = 48",
                "\"n_groups\": 2 | \"n_groups\": 3 | n_groups: found 3, expected a divisor of num_heads=4",
                "0.05 | NaN | time_step_limit: found [0.02, NaN], expected two numbers, 0 <= least <= largest",
                "0.02 | 3 | time_step_limit: found [3, 0.05], expected two numbers, 0 <= least <= largest",
                "1e-05 | 0 | layer_norm_epsilon: found 0, expected a number above 0 and below 1",
                "\"use_bias\": true | \"use_bias\": 1 | use_bias: found 1, expected true or false",
                "\"state_size\": 7 | \"state_size\": 4000000 | found a state of 1792000768 bytes, expected at most 1073741824",
                "\"state_size\": 7 | \"state_size\": 16777216 | found n_groups=2 and state_size=16777216, expected sizes",
                "\"vocab_size\": 23 | \"vocab_size\": 23, \"vocab_size\": 23 | found Duplicate"
            })
    void configurationsThatMakeNoSenseAreRefused(String from, String to, String expected) throws IOException {
        Path golden = copy("mamba2-groups-bias-tied");
        replace(golden.resolve("config.json"), from, to);
        String message = message(() -> Mamba.open(golden));
        assertTrue(message.startsWith(golden + "/config.json: " + expected), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"vocab_size\": 23 | \"vocab_size\": 24 | tensor backbone.embeddings.weight: found shape [23, 24], expected [24, 24]",
                "\"state_size\": 7 | \"state_size\": 8 | tensor backbone.layers.0.mixer.in_proj.weight: found shape [128, 24], expected [132, 24]",
                "\"conv_kernel\": 3 | \"conv_kernel\": 4 | tensor backbone.layers.0.mixer.conv1d.weight: found shape [76, 1, 3], expected [76, 1, 4]",
                "\"use_conv_bias\": false | \"use_conv_bias\": true | found no tensor backbone.layers.0.mixer.conv1d.bias, expected one",
                "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 3 | found no tensor backbone.layers.2.norm.weight, expected one",
                "\"tie_word_embeddings\": true | \"tie_word_embeddings\": false | found no tensor lm_head.weight, expected one"
            })
    void weightsThatDoNotFitTheConfigurationAreRefused(String from, String to, String expected) throws IOException {
        Path golden = copy("mamba2-groups-bias-tied");
        replace(golden.resolve("config.json"), from, to);
        String message = message(() -> Mamba.open(golden));
        assertTrue(message.contains(": " + expected), message);
    }

    @Test
    void foldersThatAreNotComplete() throws IOException {
        Path golden = copy("mamba2-bfloat16-sharded");
        Path missing = folder.resolve("missing");
        assertEquals(
                missing + ": found no such folder, expected one with config.json and model.safetensors",
                message(() -> Checkpoint.openFolder(missing).close()));
        String config = Files.readString(golden.resolve("config.json"));
        replace(golden.resolve("config.json"), config, "null");
        assertEquals(golden + "/config.json: found null, expected a JSON object", message(() -> Mamba.open(golden)));
        Files.delete(golden.resolve("config.json"));
        assertEquals(
                golden
                        + ": found no configuration, expected the metadata mamba_audio.config or a config.json; give the folder that holds both files",
                message(() -> Mamba.open(golden)));
        replace(
                golden.resolve("model.safetensors.index.json"),
                "model-00003-of-00003.safetensors",
                "../../x.safetensors");
        assertEquals(
                golden
                        + "/model.safetensors.index.json: weight_map: found the file ../../x.safetensors, expected the name of a file beside it",
                message(() -> Mamba.open(golden)));
        replace(golden.resolve("model.safetensors.index.json"), "\"../../x.safetensors\"", "null");
        assertEquals(
                golden
                        + "/model.safetensors.index.json: weight_map: found the file null, expected the name of a file beside it",
                message(() -> Mamba.open(golden)));
        Files.delete(golden.resolve("model.safetensors.index.json"));
        assertEquals(
                golden + "/model.safetensors: found no such file, expected a safetensors file; check the path",
                message(() -> Mamba.open(golden)));
    }

    @Test
    void aCheckpointOfSomethingElseIsRefused() {
        Path path = new SafetensorsWriter()
                .metadata(Map.of(
                        "mamba_audio.config",
                        "{\"model_type\":\"mamba\",\"hidden_size\":4,\"num_hidden_layers\":1,\"vocab_size\":3}"))
                .floats("w", new float[1], 1)
                .write(folder.resolve("w.safetensors"));
        assertEquals(
                path + ": found no tensor backbone.norm_f.weight, expected a Mamba model; check that it is one",
                message(() -> Mamba.open(path)));
    }

    @Test
    void vocabulariesThatDoNotFitAreRefused() {
        assertEquals("found 10 pieces, expected vocab_size=11", vocabulary("[\"<blank>\",1,2,3,4,5,6,7,8,9]"));
        assertEquals("found 1, expected strings only", vocabulary("[\"<blank>\",1,2,3,4,5,6,7,8,9,10]"));
        assertEquals(
                "found the piece \"a\" empty or twice, expected distinct pieces",
                vocabulary("[\"<blank>\",\"a\",\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]"));
        assertEquals(
                "found no <blank> as the first piece, expected it there",
                vocabulary("[\"z\",\"a\",\"<blank>\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]"));
    }

    private String vocabulary(String json) {
        RandomCheckpoint tiny = RandomCheckpoint.tiny(false, 1);
        Map<String, String> metadata = new HashMap<>(tiny.metadata());
        metadata.put("mamba_audio.vocabulary", json);
        Path path = tiny.writer().metadata(metadata).write(folder.resolve("v.safetensors"));
        return message(() -> Mamba.open(path)).replace(path + ": mamba_audio.vocabulary: ", "");
    }

    @Test
    void anInt8MatrixWithoutItsScalesIsRefused() throws IOException {
        Path path = RandomCheckpoint.tiny(true, 1).write(folder.resolve("q.safetensors"));
        byte[] renamed = new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1)
                .replace("lm_head.weight_scale", "lm_head.weight_scald")
                .getBytes(StandardCharsets.ISO_8859_1);
        Files.write(path, renamed);
        assertEquals(
                path
                        + ": tensor lm_head.weight: found dtype I8 without lm_head.weight_scale, expected one scale a row (11)",
                message(() -> Mamba.open(path)));
    }

    @Test
    void inputsThatDoNotBelongToTheModelAreRefused() {
        Mamba model = Mamba.open(Resources.path("golden/mamba1-a"));
        Path path = Resources.path("golden/mamba2-one-group/expected.safetensors");
        try (Checkpoint file = Checkpoint.open(path)) {
            Expected expected = Expected.read(file);
            assertEquals(
                    path + ": found vocab_size=23, the model expects 97; give the file that belongs to it",
                    message(() -> expected.compare(model.open(Backend.SCALAR))));
        }
        Path speech = Resources.path("golden/speech-int8/model.safetensors");
        try (Checkpoint file = Checkpoint.open(speech)) {
            assertTrue(message(() -> Expected.read(file)).contains("found no tensor input_ids"));
        }
    }
}
