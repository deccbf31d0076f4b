package io.mambaaudio.javasound;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.Control;
import javax.sound.sampled.Line;
import javax.sound.sampled.LineEvent;
import javax.sound.sampled.LineListener;

/** What every line has: listeners and controls. Events are told on the thread that caused them. */
abstract class BaseLine implements Line {
    private final List<LineListener> listeners = new CopyOnWriteArrayList<>();
    private final List<Control> controls;

    BaseLine(List<Control> controls) {
        this.controls = List.copyOf(controls);
    }

    @Override
    public final Control[] getControls() {
        return controls.toArray(Control[]::new);
    }

    @Override
    public final boolean isControlSupported(Control.Type type) {
        return controls.stream().anyMatch(control -> control.getType().equals(type));
    }

    @Override
    public final Control getControl(Control.Type type) {
        return controls.stream()
                .filter(control -> control.getType().equals(type))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("control=" + type + " is not there; choose one of "
                        + controls.stream().map(Control::getType).toList()));
    }

    @Override
    public final void addLineListener(LineListener listener) {
        if (!listeners.contains(listener)) {
            listeners.add(listener);
        }
    }

    @Override
    public final void removeLineListener(LineListener listener) {
        listeners.remove(listener);
    }

    /** Tells all listeners; one that throws does not keep it from the others. */
    final void tell(LineEvent.Type type, long framePosition) {
        LineEvent event = new LineEvent(this, type, framePosition);
        for (LineListener listener : listeners) {
            try {
                listener.update(event);
            } catch (RuntimeException e) {
                System.getLogger(BaseLine.class.getPackageName())
                        .log(System.Logger.Level.WARNING, "a line listener failed", e);
            }
        }
    }

    final void tell(LineEvent.Type type) {
        tell(type, AudioSystem.NOT_SPECIFIED);
    }
}
