import org.jspecify.annotations.NullMarked;

/** The engine as devices of Java Sound: whatever a program plays into "Mamba Transcriber" becomes text. */
@NullMarked
module io.mambaaudio.javasound {
    requires transitive io.mambaaudio.speech;
    requires transitive java.desktop;
    requires static org.jspecify;

    exports io.mambaaudio.javasound;

    uses io.mambaaudio.javasound.TranscriptReceiver;

    provides javax.sound.sampled.spi.MixerProvider with
            io.mambaaudio.javasound.MambaMixerProvider;
}
