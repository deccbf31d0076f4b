import org.jspecify.annotations.NullMarked;

/** Devices, threads, rings, clocks and statistics; hosts processors. JDK only. */
@NullMarked
module io.mambaaudio.engine {
    requires transitive java.desktop;
    requires jdk.jfr;
    requires static org.jspecify;

    exports io.mambaaudio.engine;

    uses io.mambaaudio.engine.Processor;
    uses javax.sound.sampled.spi.AudioFileReader;

    provides io.mambaaudio.engine.Processor with
            io.mambaaudio.engine.Gain,
            io.mambaaudio.engine.Meter,
            io.mambaaudio.engine.Recorder;
}
