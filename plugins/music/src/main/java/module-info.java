import org.jspecify.annotations.NullMarked;

/** Music that goes on: mel frames, a Mamba model of what comes next, and a vocoder. */
@NullMarked
module io.mambaaudio.music {
    requires transitive io.mambaaudio.dsp;
    requires transitive io.mambaaudio.engine;
    requires transitive io.mambaaudio.models;
    requires static org.jspecify;
    requires tools.jackson.jr.ob;

    exports io.mambaaudio.music;
}
