package io.mambaaudio.demo;

import io.mambaaudio.music.ContinuationEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.sound.midi.InvalidMidiDataException;
import javax.sound.midi.MidiEvent;
import javax.sound.midi.MidiSystem;
import javax.sound.midi.Sequence;
import javax.sound.midi.ShortMessage;
import javax.sound.midi.Track;

/** The notes of a continuation as a standard MIDI file: one track, milliseconds as ticks. */
final class MidiFile {
    private static final int TICKS_A_BEAT = 500; // of half a second, the tempo of a file that names none
    private static final double TICKS_A_SECOND = 1000;

    private MidiFile() {}

    /**
     * Writes it.
     *
     * @param to made or overwritten
     * @param events what the continuer told, in its order
     * @param startSeconds what becomes 0 in the file
     */
    static void write(Path to, List<ContinuationEvent> events, double startSeconds) throws IOException {
        try {
            Sequence sequence = new Sequence(Sequence.PPQ, TICKS_A_BEAT);
            Track track = sequence.createTrack();
            for (ContinuationEvent event : events) {
                long tick = Math.max(0, Math.round((event.atSeconds() - startSeconds) * TICKS_A_SECOND));
                switch (event) {
                    case ContinuationEvent.NoteOn on ->
                        track.add(
                                new MidiEvent(new ShortMessage(ShortMessage.NOTE_ON, on.pitch(), on.velocity()), tick));
                    case ContinuationEvent.NoteOff off ->
                        track.add(new MidiEvent(new ShortMessage(ShortMessage.NOTE_OFF, off.pitch(), 0), tick));
                    case ContinuationEvent.TookOver took -> {}
                    case ContinuationEvent.GaveBack gave -> {}
                }
            }
            MidiSystem.write(sequence, 0, to.toFile());
        } catch (InvalidMidiDataException e) {
            throw new IllegalStateException("a note that MIDI does not have", e);
        }
    }
}
