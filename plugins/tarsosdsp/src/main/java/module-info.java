// SPDX-License-Identifier: GPL-3.0-only
import org.jspecify.annotations.NullMarked;

/** Processors of ours inside a TarsosDSP dispatcher, and of TarsosDSP inside our engine. */
@NullMarked
module io.mambaaudio.tarsosdsp {
    requires transitive TarsosDSP;
    requires transitive io.mambaaudio.dsp;
    requires transitive io.mambaaudio.engine;
    requires static org.jspecify;

    exports io.mambaaudio.tarsosdsp;
}
