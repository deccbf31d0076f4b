package io.mambaaudio.javasound;

import io.mambaaudio.engine.Gain;
import java.util.List;
import javax.sound.sampled.BooleanControl;
import javax.sound.sampled.Control;
import javax.sound.sampled.FloatControl;
import org.jspecify.annotations.Nullable;

/** A line's gain and mute, which outlive the engines that it opens. What is turned down is heard as softly. */
final class Volume {
    private static final float MIN_DB = -80;
    private static final float MAX_DB = 6.0206f;
    private static final float SILENT_DB = -96;
    private static final float PRECISION_DB = 0.1f;

    private final FloatControl gain = new GainControl();
    private final BooleanControl mute = new MuteControl();
    private @Nullable Gain processor; // of the engine that was opened last

    List<Control> controls() {
        return List.of(gain, mute);
    }

    /** The processor that follows the controls from now on. */
    synchronized Gain newGain() {
        Gain made = new Gain();
        processor = made;
        apply();
        return made;
    }

    private synchronized void apply() {
        if (processor != null) {
            processor.gainDb().set(mute.getValue() ? SILENT_DB : gain.getValue());
        }
    }

    private final class GainControl extends FloatControl {
        GainControl() {
            super(FloatControl.Type.MASTER_GAIN, MIN_DB, MAX_DB, PRECISION_DB, -1, 0, "dB", "quiet", "", "loud");
        }

        @Override
        public void setValue(float db) {
            super.setValue(db);
            apply();
        }
    }

    private final class MuteControl extends BooleanControl {
        MuteControl() {
            super(BooleanControl.Type.MUTE, false, "silent", "heard");
        }

        @Override
        public void setValue(boolean silent) {
            super.setValue(silent);
            apply();
        }
    }
}
