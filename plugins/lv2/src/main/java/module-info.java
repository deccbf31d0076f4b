import org.jspecify.annotations.NullMarked;

/** The Java half of the LV2 plugin: the native half, which a DAW loads, starts a JVM and calls it through JNI. */
@NullMarked
@SuppressWarnings("module") // the name ends in a digit because LV2 does
module io.mambaaudio.lv2 {
    requires io.mambaaudio.engine;
    requires io.mambaaudio.models;
    requires io.mambaaudio.speech;
    requires static org.jspecify;
}
