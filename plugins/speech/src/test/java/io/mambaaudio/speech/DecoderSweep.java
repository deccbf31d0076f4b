package io.mambaaudio.speech;

import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import java.io.File;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.junit.jupiter.api.Test;

/**
 * Not a test, but the search for good decoder options, in minutes: the model hears a held-out set once, then every combination of
 * options decodes what it said. Run by {@code models/training/lm/sweep.sh}; {@code sweep.*} are its system properties.
 */
final class DecoderSweep {
    /** Silence after each recording, in which the last words must come out as a live stream would let them. */
    private static final double TAIL_SECONDS = 1.5;

    private record Step(long frame, FloatBuffer logits, double levelDb) {}

    private record Recording(String source, List<String> words, List<Step> steps) {}

    @Test
    void sweep() throws IOException, UnsupportedAudioFileException {
        Path folder = Path.of(property("set", ""));
        Mamba model = Mamba.open(Path.of(property("model", "")));
        List<Recording> set = new ArrayList<>();
        StepClock clock = hear(model, folder, set);
        Pieces pieces = new Pieces(model.vocabulary().orElseThrow().pieces());
        long steps = set.stream().mapToLong(r -> r.steps().size()).sum();
        System.out.printf(
                Locale.ROOT,
                "%s: %d recordings, %d steps of %.0f ms%n",
                folder,
                set.size(),
                steps,
                1000 * clock.stepSeconds());
        report(set, clock, EndpointRules.DEFAULT, new GreedyDecoder(pieces), "greedy");
        Optional<NGram> lm =
                Optional.of(property("lm", "")).filter(f -> !f.isEmpty()).map(f -> NGram.read(Path.of(f)));
        lm.ifPresent(words -> System.out.printf(
                Locale.ROOT, "perplexity of the transcripts, each once: %.1f%n", perplexity(words, set)));
        for (Map<String, Double> values : combinations(property("grid", "beam=8"))) {
            BeamOptions options = options(values, lm);
            EndpointRules d = EndpointRules.DEFAULT;
            EndpointRules rules = new EndpointRules(
                    values.getOrDefault("pause", d.wordSilenceSeconds()),
                    d.decoderSilenceSeconds(),
                    d.acousticSilenceSeconds(),
                    d.acousticMarginDb(),
                    d.maxUtteranceSeconds(),
                    d.resetStateAtEndpoint());
            report(set, clock, rules, new BeamDecoder(pieces, options), values.toString());
        }
    }

    private static double perplexity(NGram lm, List<Recording> set) {
        double sum = 0;
        int words = 0;
        for (String text :
                set.stream().map(r -> String.join(" ", r.words())).distinct().toList()) {
            List<String> said = new ArrayList<>(List.of("<s>"));
            for (String word : (text + " </s>").split(" ", -1)) {
                boolean known = lm.wordOf(Pieces.hash(word)) != NGram.UNKNOWN;
                sum -= known ? lm.logProbability(said, word) : 0;
                words += known ? 1 : 0;
                said.add(word);
            }
        }
        return Math.exp(sum / words);
    }

    private static String property(String name, String otherwise) {
        return System.getProperty("sweep." + name, otherwise);
    }

    /** {@code beam=4,8;weight=0.3,0.4}: each with each. */
    private static List<Map<String, Double>> combinations(String grid) {
        List<Map<String, Double>> all = new ArrayList<>(List.of(Map.of()));
        for (String axis : grid.split(";", -1)) {
            String[] nameAndValues = axis.split("=", -1);
            List<Map<String, Double>> longer = new ArrayList<>();
            for (Map<String, Double> shorter : all) {
                for (String value : nameAndValues[1].split(",", -1)) {
                    Map<String, Double> one = new LinkedHashMap<>(shorter);
                    one.put(nameAndValues[0].strip(), Double.parseDouble(value));
                    longer.add(one);
                }
            }
            all = longer;
        }
        return all;
    }

    private static BeamOptions options(Map<String, Double> values, Optional<NGram> lm) {
        BeamOptions d = BeamOptions.of(values.getOrDefault("beam", 8.0).intValue());
        return new BeamOptions(
                d.width(),
                values.getOrDefault("pieces", d.pieceMargin()),
                values.getOrDefault("margin", d.hypothesisMargin()),
                values.getOrDefault("delay", (double) d.maxDelaySteps()).intValue(),
                lm,
                values.getOrDefault("weight", d.languageWeight()),
                values.getOrDefault("bonus", d.wordBonus()),
                values.getOrDefault("blank", d.blankPenalty()),
                values.getOrDefault("unknown", d.unknownWordPenalty()),
                Optional.empty());
    }

    private static StepClock hear(Mamba model, Path folder, List<Recording> set)
            throws IOException, UnsupportedAudioFileException {
        int every = Integer.getInteger("sweep.every", 1);
        try (FrameStepper stepper = new FrameStepper(TranscriberBatch.lone(model, Backend.AUTO), true)) {
            List<String> lines = Files.readAllLines(folder.resolve("manifest.tsv"));
            for (int i = 1; i < lines.size(); i += every) {
                String[] fields = lines.get(i).split("\t", -1);
                List<Step> steps = new ArrayList<>();
                float[] sound = sound(folder.resolve(fields[0]).toFile());
                stepper.prepare(new StreamFormat(16_000, 1));
                FrameStepper.StepSink sink =
                        (frame, logits, level) -> steps.add(new Step(frame, FloatBuffer.wrap(logits.clone()), level));
                stepper.push(new float[][] {sound}, sound.length, sink);
                float[] tail = new float[(int) (16_000 * TAIL_SECONDS)];
                stepper.push(new float[][] {tail}, tail.length, sink);
                set.add(new Recording(fields[2], List.of(fields[1].split(" ", -1)), steps));
            }
            return stepper.clock();
        }
    }

    private static float[] sound(File wav) throws IOException, UnsupportedAudioFileException {
        try (AudioInputStream in = AudioSystem.getAudioInputStream(wav)) {
            byte[] bytes = in.readAllBytes();
            float[] out = new float[bytes.length / 2];
            for (int i = 0; i < out.length; i++) {
                out[i] = ((bytes[2 * i + 1] << 8) | (bytes[2 * i] & 0xff)) / 32768f;
            }
            return out;
        }
    }

    private static void report(
            List<Recording> set, StepClock clock, EndpointRules rules, CtcDecoder decoder, String name) {
        SweepScore score = new SweepScore(Confidence.of(decoder));
        long nanos = 0;
        long steps = 0;
        for (Recording recording : set) {
            List<TranscriptEvent> events = new ArrayList<>();
            Narrator narrator = new Narrator(clock, decoder, rules, GateRules.DEFAULT, events::add, () -> {});
            long before = System.nanoTime();
            for (Step step : recording.steps()) {
                narrator.step(step.frame(), step.logits().array(), step.levelDb());
            }
            narrator.finish();
            nanos += System.nanoTime() - before;
            steps += recording.steps().size();
            score.add(recording.source(), recording.words(), events);
        }
        System.out.printf(Locale.ROOT, "%-44s %s  %5.1f us a step%n", name, score.line(), nanos / 1e3 / steps);
        if (Boolean.getBoolean("sweep.calibration")) {
            System.out.print(score.calibration());
        }
    }
}
