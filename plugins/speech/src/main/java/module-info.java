import org.jspecify.annotations.NullMarked;

/** Live transcription: mel frames, a Mamba encoder and a decoder to words. */
@NullMarked
module io.mambaaudio.speech {
    requires transitive io.mambaaudio.dsp;
    requires transitive io.mambaaudio.engine;
    requires transitive io.mambaaudio.models;
    requires static io.mambaaudio.pretrained;
    requires static org.jspecify;
    requires tools.jackson.jr.ob;

    exports io.mambaaudio.speech;

    provides io.mambaaudio.engine.Processor with
            io.mambaaudio.speech.SpeechPlugin;
}
