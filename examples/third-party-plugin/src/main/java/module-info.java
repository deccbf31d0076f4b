/** A tremolo for Mamba Audio. */
module com.example.tremolo {
    requires io.mambaaudio.engine;

    exports com.example.tremolo;

    provides io.mambaaudio.engine.Processor with
            com.example.tremolo.Tremolo;
}
