import org.jspecify.annotations.NullMarked;

/** Sound to mel frames and back: features, resampling, transforms. JDK only. */
@NullMarked
module io.mambaaudio.dsp {
    requires static org.jspecify;

    exports io.mambaaudio.dsp;
}
