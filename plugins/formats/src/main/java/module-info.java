import org.jspecify.annotations.NullMarked;

/** FLAC, MP3 and Ogg/Opus files behind the Java Sound service interfaces. */
@NullMarked
module io.mambaaudio.formats {
    requires java.desktop;
    requires static org.jspecify;

    exports io.mambaaudio.formats;
}
