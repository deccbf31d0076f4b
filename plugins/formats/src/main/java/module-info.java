import org.jspecify.annotations.NullMarked;

/** FLAC, MP3 and Ogg/Opus files behind the Java Sound service interfaces. */
@NullMarked
module io.mambaaudio.formats {
    requires concentus;
    requires java.desktop;
    requires jlayer;
    requires static org.jspecify;

    exports io.mambaaudio.formats;

    provides javax.sound.sampled.spi.AudioFileReader with
            io.mambaaudio.formats.FlacFileReader,
            io.mambaaudio.formats.Mp3FileReader,
            io.mambaaudio.formats.OggOpusFileReader;
}
