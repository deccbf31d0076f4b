package io.mambaaudio.speech;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.models.FrameFrontend;
import io.mambaaudio.models.Mamba;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/** The one place that compares what a checkpoint says about its mel frames with what {@link MelSpec} can make. */
final class MelMetadata {
    private static final String ADVICE = "; choose a speech checkpoint of this engine";

    private final Map<String, Object> fields;

    private MelMetadata(Map<String, Object> fields) {
        this.fields = fields;
    }

    /** The front end that a model was trained with, checked against the frames that it takes. */
    static MelSpec of(Mamba model) {
        FrameFrontend frames = model.config()
                .frontend()
                .orElseThrow(() -> new SpeechException("the model takes tokens, not sound" + ADVICE));
        String json = model.melJson()
                .orElseThrow(() -> new SpeechException("the model does not say which mel frames it takes" + ADVICE));
        MelSpec spec = parse(json);
        if (spec.nMels() != frames.nMels()) {
            throw new SpeechException("checkpoint expects nMels=" + frames.nMels() + ", its mel front end gives nMels="
                    + spec.nMels() + ADVICE);
        }
        if (spec.hopSamples() > spec.windowSamples()) {
            throw new SpeechException("hop_samples=" + spec.hopSamples() + " is longer than window_samples="
                    + spec.windowSamples() + ", so sound would go unheard" + ADVICE);
        }
        return spec;
    }

    /** From the JSON of the checkpoint's metadata. */
    static MelSpec parse(String json) {
        try {
            Map<String, Object> fields = JSON.std.mapFrom(json);
            if (fields == null) { // where the text is the word null
                throw new SpeechException("the checkpoint's mel metadata is not a JSON object" + ADVICE);
            }
            MelMetadata m = new MelMetadata(fields);
            m.require("window", "hann_periodic");
            m.require("log", "natural");
            m.require("pad", "none");
            return new MelSpec(
                    m.integer("sample_rate_hz"),
                    m.integer("window_samples"),
                    m.integer("hop_samples"),
                    m.integer("fft_size"),
                    m.integer("n_mels"),
                    m.number("min_hz"),
                    m.number("max_hz"),
                    m.text("mel_scale").equals("htk") ? MelSpec.Scale.HTK : m.slaney("mel_scale", MelSpec.Scale.SLANEY),
                    m.text("norm").equals("none") ? MelSpec.Norm.NONE : m.slaney("norm", MelSpec.Norm.SLANEY),
                    m.number("power"),
                    (float) m.number("floor"));
        } catch (JacksonException | ClassCastException e) {
            throw new SpeechException("the checkpoint's mel metadata is not a JSON object" + ADVICE, e);
        } catch (IllegalArgumentException e) {
            throw new SpeechException("the checkpoint's mel metadata: " + e.getMessage(), e);
        }
    }

    private void require(String name, String only) {
        if (!text(name).equals(only)) {
            throw unknown(name, only);
        }
    }

    private <T> T slaney(String name, T value) {
        require(name, "slaney");
        return value;
    }

    private String text(String name) {
        return fields.get(name) instanceof String text ? text : "";
    }

    private int integer(String name) {
        double value = number(name);
        if (value != Math.rint(value) || Math.abs(value) > 1 << 24) {
            throw unknown(name, "a whole number");
        }
        return (int) value;
    }

    private double number(String name) {
        if (fields.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw unknown(name, "a number");
    }

    private SpeechException unknown(String name, String expected) {
        return new SpeechException("the checkpoint's mel metadata has " + name + "=" + fields.get(name)
                + ", this front end knows " + expected + ADVICE);
    }
}
