package io.mambaaudio.pretrained;

import java.io.InputStream;
import java.net.URL;
import java.util.Objects;

/** The weights that ship with the engine, as resources of this module. Any thread. */
public enum Pretrained {
    /** English streaming speech recognition: Mamba-2 with word pieces, int8. */
    SPEECH("speech");

    private final String folder;

    Pretrained(String folder) {
        this.folder = folder;
    }

    /**
     * The checkpoint.
     *
     * @return where the safetensors file is; inside a jar this is a {@code jar:} address
     */
    public URL checkpoint() {
        return Objects.requireNonNull(
                Pretrained.class.getResource(folder + "/model.safetensors"),
                "this build has no weights for " + this + "; build models/pretrained with its resources");
    }

    /**
     * The checkpoint as a stream, for copying it where it can be memory-mapped.
     *
     * @return an open stream, to be closed by the caller
     * @throws java.io.IOException if the resource cannot be read
     */
    public InputStream open() throws java.io.IOException {
        return checkpoint().openStream();
    }
}
