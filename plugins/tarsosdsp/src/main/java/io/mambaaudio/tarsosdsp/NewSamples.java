// SPDX-License-Identifier: GPL-3.0-only
package io.mambaaudio.tarsosdsp;

import be.tarsos.dsp.AudioEvent;
import be.tarsos.dsp.io.TarsosDSPAudioFormat;

/** What an event brings that was not in the event before it. */
final class NewSamples {
    private NewSamples() {}

    /** Where they start in the event's buffer. */
    static int start(AudioEvent event) {
        return Math.min(event.getOverlap(), event.getFloatBuffer().length);
    }

    /** How many they are. */
    static int count(AudioEvent event) {
        return event.getFloatBuffer().length - start(event);
    }

    /** The sample rate of a dispatcher that the bridge can serve. */
    static int monoRate(TarsosDSPAudioFormat format) {
        int rate = Math.round(format.getSampleRate());
        if (rate != format.getSampleRate()) {
            throw new IllegalArgumentException("sampleRate=" + format.getSampleRate()
                    + " is not whole; open the dispatcher with a whole rate in Hz");
        }
        if (format.getChannels() != 1) {
            throw new IllegalArgumentException(
                    "channels=" + format.getChannels() + " can't be bridged; open the dispatcher on a mono stream");
        }
        return rate;
    }
}
