import org.jspecify.annotations.NullMarked;

/** State space models: checkpoints, sessions, backends. */
@NullMarked
module io.mambaaudio.models {
    requires jdk.incubator.vector;
    requires static jcuda;
    requires static org.jspecify;
    requires tools.jackson.jr.ob;

    exports io.mambaaudio.models;
    exports io.mambaaudio.models.train;
}
