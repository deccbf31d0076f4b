import org.jspecify.annotations.NullMarked;

/** Processors of ours inside a TarsosDSP dispatcher, and of TarsosDSP inside our engine. */
@NullMarked
module io.mambaaudio.tarsosdsp {
    requires transitive TarsosDSP;
    requires transitive io.mambaaudio.speech;
    requires static org.jspecify;

    exports io.mambaaudio.tarsosdsp;
}
