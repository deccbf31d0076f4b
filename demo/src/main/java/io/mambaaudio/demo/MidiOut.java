package io.mambaaudio.demo;

import io.mambaaudio.music.ContinuationEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.sound.midi.InvalidMidiDataException;
import javax.sound.midi.MidiDevice;
import javax.sound.midi.MidiSystem;
import javax.sound.midi.MidiUnavailableException;
import javax.sound.midi.Receiver;
import javax.sound.midi.ShortMessage;

/** A MIDI device that the machine's notes go to. One thread. */
final class MidiOut implements AutoCloseable {
    private static final long AT_ONCE = -1;
    private static final int ALL_NOTES_OFF = 123;

    private final MidiDevice device;
    private final Receiver receiver;

    private MidiOut(MidiDevice device, Receiver receiver) {
        this.device = device;
        this.receiver = receiver;
    }

    /**
     * Opens a device.
     *
     * @param name a name or a part of one
     */
    static MidiOut open(String name) {
        List<String> there = new ArrayList<>();
        for (MidiDevice.Info info : MidiSystem.getMidiDeviceInfo()) {
            Optional<MidiOut> opened = open(info, name, there);
            if (opened.isPresent()) {
                return opened.get();
            }
        }
        throw new UserError("--midi-out " + name + " is no MIDI device that takes notes; there are " + there);
    }

    private static Optional<MidiOut> open(MidiDevice.Info info, String name, List<String> there) {
        try {
            MidiDevice device = MidiSystem.getMidiDevice(info);
            if (device.getMaxReceivers() == 0) {
                return Optional.empty();
            }
            there.add(info.getName());
            if (!info.getName().toLowerCase(Locale.ROOT).contains(name.toLowerCase(Locale.ROOT))) {
                return Optional.empty();
            }
            device.open();
            return Optional.of(new MidiOut(device, device.getReceiver()));
        } catch (MidiUnavailableException e) {
            throw new UserError("--midi-out " + name + " cannot be opened: " + e.getMessage()
                    + "; close what else uses it, or choose another");
        }
    }

    void send(ContinuationEvent event) {
        switch (event) {
            case ContinuationEvent.NoteOn on -> send(ShortMessage.NOTE_ON, on.pitch(), on.velocity());
            case ContinuationEvent.NoteOff off -> send(ShortMessage.NOTE_OFF, off.pitch(), 0);
            case ContinuationEvent.GaveBack gave -> send(ShortMessage.CONTROL_CHANGE, ALL_NOTES_OFF, 0);
            case ContinuationEvent.TookOver took -> {}
        }
    }

    private void send(int command, int first, int second) {
        try {
            receiver.send(new ShortMessage(command, first, second), AT_ONCE);
        } catch (InvalidMidiDataException e) {
            throw new IllegalStateException("a message that MIDI does not have", e);
        }
    }

    @Override
    public void close() {
        send(ShortMessage.CONTROL_CHANGE, ALL_NOTES_OFF, 0);
        receiver.close();
        device.close();
    }
}
