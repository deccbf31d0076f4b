import org.jspecify.annotations.NullMarked;

/** Changes of the sample rate: as a processor of a chain, and behind Java Sound's conversions. */
@NullMarked
module io.mambaaudio.resample {
    requires io.mambaaudio.dsp;
    requires transitive io.mambaaudio.engine;
    requires static org.jspecify;

    exports io.mambaaudio.resample;

    provides io.mambaaudio.engine.Processor with
            io.mambaaudio.resample.Resample;
    provides javax.sound.sampled.spi.FormatConversionProvider with
            io.mambaaudio.resample.SpeechFormatProvider;
}
