import org.jspecify.annotations.NullMarked;

/** The shipped weights, as resources. */
@NullMarked
module io.mambaaudio.pretrained {
    requires static org.jspecify;

    exports io.mambaaudio.pretrained;
}
