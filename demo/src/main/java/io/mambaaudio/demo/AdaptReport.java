package io.mambaaudio.demo;

import io.mambaaudio.models.Mamba;
import io.mambaaudio.speech.Adaptation;
import io.mambaaudio.speech.Adaptation.Example;
import io.mambaaudio.speech.NGram;
import io.mambaaudio.speech.Transcriber;
import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.WordErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a model does on the held-out recordings, before and after: as {@code transcribe} would write them down. */
final class AdaptReport {
    private final List<Example> heldOut;
    private final NGram words = NGram.read(ShippedFiles.englishWords());
    private final List<WordErrors> greedy = new ArrayList<>(); // before, after
    private final List<WordErrors> searched = new ArrayList<>();
    private double lossBefore;
    private double lossAfter;

    AdaptReport(List<Example> heldOut) {
        this.heldOut = heldOut;
    }

    void before(Mamba model) {
        judge(model);
    }

    void after(Mamba model, Adaptation.Outcome outcome) {
        lossBefore = outcome.before();
        lossAfter = outcome.after();
        judge(model);
    }

    private void judge(Mamba model) {
        greedy.add(errors(Transcriber.builder(model)));
        searched.add(errors(Transcriber.builder(model).languageModel(words)));
    }

    private WordErrors errors(Transcriber.Builder builder) {
        WordErrors sum = WordErrors.NONE;
        try (Transcriber transcriber = builder.build()) {
            for (Example example : heldOut) {
                String written = transcriber.transcribe(example.mono(), example.sampleRateHz()).stream()
                        .map(TranscriptEvent.Final::text)
                        .collect(Collectors.joining(" "));
                sum = sum.plus(WordErrors.of(example.text(), written));
            }
        }
        return sum;
    }

    /** A lower loss, and by the default decoder no more words wrong. */
    boolean better() {
        return lossAfter < lossBefore
                && searched.getLast().wrong() <= searched.getFirst().wrong();
    }

    String table() {
        return String.format(Locale.ROOT, "%-34s %24s %24s%n", "held-out recordings", "before", "after")
                + String.format(Locale.ROOT, "%-34s %24.3f %24.3f%n", "loss, nats a piece", lossBefore, lossAfter)
                + row("words wrong, --beam 1 --lm none", greedy)
                + row("words wrong, as by default", searched);
    }

    private static String row(String name, List<WordErrors> errors) {
        return String.format(Locale.ROOT, "%-34s %24s %24s%n", name, errors.getFirst(), errors.getLast());
    }
}
