package io.mambaaudio.music;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.models.Checkpoint;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Weights;
import io.mambaaudio.music.FrameHead.MusicShape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/**
 * A model of music: a {@link Mamba} over pairs of mel frames and the head that draws the next pair. Immutable, shared by threads and by
 * all who listen with it.
 */
public final class MusicModel {
    private static final String ADVICE = "; choose a music checkpoint of this engine";
    private static final float HIGHEST = 12; // louder than full scale

    private final Mamba mamba;
    private final MelSpec spec;
    private final MusicShape shape;
    private final FrameHead head;
    private final NoteHead notes;

    private MusicModel(Checkpoint checkpoint) {
        mamba = Mamba.load(checkpoint, Weights.AS_STORED);
        spec = melSpec(object(checkpoint, "mamba_audio.mel"));
        shape = shape(object(checkpoint, "mamba_audio.music"));
        checkSizes();
        head = new FrameHead(checkpoint, spec.nMels(), shape, (float) Math.log(spec.floor()), HIGHEST);
        notes = new NoteHead(checkpoint, shape);
    }

    /**
     * Opens a checkpoint, takes the weights out of it, and closes it.
     *
     * @param file a safetensors file as {@code models/training/music} exports it
     * @return the model
     * @throws io.mambaaudio.models.CheckpointException if it cannot be read or is malformed
     * @throws MusicException if it is not a model of music
     */
    public static MusicModel open(Path file) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            return new MusicModel(checkpoint);
        }
    }

    private static Map<String, Object> object(Checkpoint checkpoint, String key) {
        String json = checkpoint
                .metadata(key)
                .orElseThrow(() -> new MusicException(checkpoint.path() + " has no metadata " + key + ADVICE));
        try {
            Map<String, Object> map = JSON.std.mapFrom(json);
            if (map != null) { // null where the text is the word null
                return map;
            }
        } catch (JacksonException e) {
            throw new MusicException(checkpoint.path() + ": " + key + " is not JSON" + ADVICE, e);
        }
        throw new MusicException(checkpoint.path() + ": " + key + " is not a JSON object" + ADVICE);
    }

    private static MelSpec melSpec(Map<String, Object> mel) {
        require(mel, "window", "hann_periodic");
        require(mel, "log", "natural");
        require(mel, "pad", "none");
        require(mel, "mel_scale", "slaney");
        require(mel, "norm", "none");
        try {
            return new MelSpec(
                    whole(mel, "sample_rate_hz"),
                    whole(mel, "window_samples"),
                    whole(mel, "hop_samples"),
                    whole(mel, "fft_size"),
                    whole(mel, "n_mels"),
                    number(mel, "min_hz"),
                    number(mel, "max_hz"),
                    MelSpec.Scale.SLANEY,
                    MelSpec.Norm.NONE,
                    number(mel, "power"),
                    (float) number(mel, "floor"));
        } catch (IllegalArgumentException e) {
            throw new MusicException("the checkpoint's mel metadata: " + e.getMessage(), e);
        }
    }

    private static MusicShape shape(Map<String, Object> music) {
        if (whole(music, "context_frames") != FrameHead.CONTEXT_FRAMES) {
            throw unknown(music, "context_frames", Integer.toString(FrameHead.CONTEXT_FRAMES));
        }
        return new MusicShape(
                sizes(music, "groups"),
                sizes(music, "components"),
                whole(music, "hidden"),
                whole(music, "note_hidden"),
                whole(music, "sound_hidden"),
                whole(music, "pitches"),
                whole(music, "lowest_pitch"));
    }

    private void checkSizes() {
        int pair = shape.groups().stream().mapToInt(Integer::intValue).sum();
        int row = shape.rowSize();
        boolean frames = mamba.config()
                .frontend()
                .filter(f -> f.nMels() == spec.nMels() && f.windowFrames() == 2 && f.strideFrames() == 2)
                .isPresent();
        if (!frames
                || pair != 2 * spec.nMels()
                || row != mamba.config().vocabSize()
                || shape.groups().size() != shape.components().size()) {
            throw new MusicException("the checkpoint's sizes do not fit each other: groups hold " + pair
                    + " coefficients of nMels=" + spec.nMels() + ", rows have "
                    + mamba.config().vocabSize()
                    + " values of " + row + ADVICE);
        }
    }

    private static List<Integer> sizes(Map<String, Object> map, String name) {
        if (map.get(name) instanceof List<?> list
                && list.stream().allMatch(v -> v instanceof Integer n && n > 0 && n <= 4096)) {
            return list.stream().map(v -> (Integer) v).toList();
        }
        throw unknown(map, name, "a list of sizes");
    }

    private static void require(Map<String, Object> map, String name, String only) {
        if (!only.equals(map.get(name))) {
            throw unknown(map, name, only);
        }
    }

    private static int whole(Map<String, Object> map, String name) {
        double value = number(map, name);
        if (value != Math.rint(value) || value < 0 || value > 1 << 24) {
            throw unknown(map, name, "a whole number");
        }
        return (int) value;
    }

    private static double number(Map<String, Object> map, String name) {
        if (map.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw unknown(map, name, "a number");
    }

    private static MusicException unknown(Map<String, Object> map, String name, String expected) {
        return new MusicException(
                "the checkpoint's metadata has " + name + "=" + map.get(name) + ", expected " + expected + ADVICE);
    }

    /**
     * What a frame is.
     *
     * @return the front end that the model was trained with
     */
    public MelSpec spec() {
        return spec;
    }

    /**
     * One line for the user.
     *
     * @return kind, sizes, precision
     */
    public String describe() {
        return mamba.describe();
    }

    Mamba mamba() {
        return mamba;
    }

    MusicShape shape() {
        return shape;
    }

    FrameHead head() {
        return head;
    }

    NoteHead notes() {
        return notes;
    }

    double stepsPerSecond() {
        return (double) spec.sampleRateHz() / (2 * spec.hopSamples());
    }
}
