package io.mambaaudio.demo;

import io.mambaaudio.models.Backend;
import io.mambaaudio.music.ContinuationEvent;
import io.mambaaudio.music.Continuer;
import io.mambaaudio.music.MusicModel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The options that say how music goes on, shared by the commands that play. */
final class MusicOptions {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A music model, as models/training/music exports it. None is shipped.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--backend",
            defaultValue = "auto",
            paramLabel = "NAME",
            description = "Where the model computes: auto, scalar, vector, cuda. Default: ${DEFAULT-VALUE}.")
    private Backend backend = Backend.AUTO;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "The same seed and the same sound give the same music. Default: another one each time; it is printed.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--temperature",
            defaultValue = "1",
            paramLabel = "X",
            description =
                    "How daring the notes are: 0 always the likeliest, 1 as learnt, up to 2. Default: ${DEFAULT-VALUE}.")
    private float temperature;

    @Option(
            names = "--sound-temperature",
            defaultValue = "1",
            paramLabel = "X",
            description = "The same for what they sound like. Default: ${DEFAULT-VALUE}.")
    private float soundTemperature;

    @Option(
            names = "--top-p",
            defaultValue = "1",
            paramLabel = "X",
            description = "Draw from the likeliest that have this share together. Default: ${DEFAULT-VALUE}.")
    private float topP;

    @Option(
            names = "--density",
            defaultValue = "1",
            paramLabel = "X",
            description = "The odds of notes to begin, 0.1 to 8. Default: ${DEFAULT-VALUE}.")
    private float density;

    @Option(
            names = "--register",
            defaultValue = "0",
            paramLabel = "X",
            description = "-1 prefers low notes, 1 high ones. Default: ${DEFAULT-VALUE}.")
    private float register;

    @Option(
            names = "--key-lock",
            defaultValue = "0",
            paramLabel = "X",
            description = "How much notes outside of the player's key are shunned, 0 to 1. Default: ${DEFAULT-VALUE}.")
    private float keyLock;

    @Option(
            names = "--tempo-follow",
            defaultValue = "0",
            paramLabel = "X",
            description = "How much notes keep to the player's beat, 0 to 1. Default: ${DEFAULT-VALUE}.")
    private float tempoFollow;

    /** The model that was asked for. */
    MusicModel open() {
        return MusicModel.open(model.orElseThrow(() -> new UserError("no music model ships with this build yet;"
                + " give one with --model FILE (models/training/music/README.md says how one is made)")));
    }

    long seed() {
        return seed.orElseGet(() -> ThreadLocalRandom.current().nextLong(1_000_000));
    }

    /** A continuer with all parameters set. */
    Continuer continuer(MusicModel opened, long chosenSeed, int warmUpSteps, Consumer<ContinuationEvent> listener) {
        Continuer continuer = Continuer.builder(opened)
                .backend(backend)
                .seed(chosenSeed)
                .warmUpSteps(warmUpSteps)
                .listener(listener)
                .build();
        set(continuer, Continuer.TEMPERATURE, "--temperature", temperature);
        set(continuer, Continuer.SOUND_TEMPERATURE, "--sound-temperature", soundTemperature);
        set(continuer, Continuer.TOP_P, "--top-p", topP);
        set(continuer, Continuer.DENSITY, "--density", density);
        set(continuer, Continuer.REGISTER, "--register", register);
        set(continuer, Continuer.KEY_LOCK, "--key-lock", keyLock);
        set(continuer, Continuer.TEMPO_FOLLOW, "--tempo-follow", tempoFollow);
        return continuer;
    }

    private static void set(Continuer continuer, String name, String option, float value) {
        var parameter = continuer.parameter(name);
        if (!(value >= parameter.min() && value <= parameter.max())) {
            throw new UserError(
                    option + " " + value + " is out of range; choose " + parameter.min() + " to " + parameter.max());
        }
        parameter.set(value);
    }
}
