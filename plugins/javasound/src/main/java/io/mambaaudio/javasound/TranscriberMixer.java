package io.mambaaudio.javasound;

import java.util.ArrayList;
import java.util.List;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.Line;
import javax.sound.sampled.LineEvent;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;

/**
 * A device with one output line open at a time: the text of two at once could not be told apart. (Who needs another asks Java Sound
 * for the mixer again.) Any thread.
 */
final class TranscriberMixer extends BaseLine implements Mixer {
    private static final Line.Info[] NONE = {};

    private final Mixer.Info info;
    private final List<TranscriberLine> lines = new ArrayList<>(); // open ones
    private boolean opened; // by open(), not by a line

    TranscriberMixer(Mixer.Info info) {
        super(List.of());
        this.info = info;
    }

    private static DataLine.Info sourceInfo() {
        return new DataLine.Info(
                SourceDataLine.class, Formats.all(), AudioSystem.NOT_SPECIFIED, AudioSystem.NOT_SPECIFIED);
    }

    @Override
    public Mixer.Info getMixerInfo() {
        return info;
    }

    @Override
    public Line.Info getLineInfo() {
        return new Line.Info(Mixer.class);
    }

    @Override
    public Line.Info[] getSourceLineInfo() {
        return new Line.Info[] {sourceInfo()};
    }

    @Override
    public Line.Info[] getTargetLineInfo() {
        return NONE;
    }

    @Override
    public Line.Info[] getSourceLineInfo(Line.Info wanted) {
        return isLineSupported(wanted) ? getSourceLineInfo() : NONE;
    }

    @Override
    public Line.Info[] getTargetLineInfo(Line.Info wanted) {
        return NONE;
    }

    @Override
    public boolean isLineSupported(Line.Info wanted) {
        boolean matches = wanted.matches(sourceInfo());
        if (matches && wanted instanceof DataLine.Info data && data.getFormats().length > 0) {
            for (AudioFormat format : data.getFormats()) {
                if (sourceInfo().isFormatSupported(format)) {
                    return true;
                }
            }
            return false;
        }
        return matches;
    }

    /** The line's default format is the last fully specified one that was asked for. */
    @Override
    public Line getLine(Line.Info wanted) {
        if (!isLineSupported(wanted)) {
            throw new IllegalArgumentException("line=" + wanted + " is not there; choose " + sourceInfo());
        }
        AudioFormat format = Formats.DEFAULT;
        if (wanted instanceof DataLine.Info data) {
            for (AudioFormat candidate : data.getFormats()) {
                format = Formats.isPlayable(candidate) ? candidate : format;
            }
        }
        return new TranscriberLine(this, sourceInfo(), format);
    }

    @Override
    public int getMaxLines(Line.Info wanted) {
        return isLineSupported(wanted) ? 1 : 0;
    }

    @Override
    public synchronized Line[] getSourceLines() {
        return lines.toArray(Line[]::new);
    }

    @Override
    public Line[] getTargetLines() {
        return new Line[0];
    }

    @Override
    public void synchronize(Line[] group, boolean maintainSync) {
        throw new IllegalArgumentException(info.getName() + " has one line, which has nothing to keep in step with");
    }

    @Override
    public void unsynchronize(Line[] group) {
        throw new IllegalArgumentException(info.getName() + " has one line, which has nothing to keep in step with");
    }

    @Override
    public boolean isSynchronizationSupported(Line[] group, boolean maintainSync) {
        return false;
    }

    /** A line wants to open: it is entered until {@link #left}. */
    void enter(TranscriberLine line) throws LineUnavailableException {
        boolean first;
        synchronized (this) {
            if (!lines.isEmpty()) {
                throw new LineUnavailableException(
                        info.getName() + " has a line open, maxLines=1; close it, or get the mixer again for another");
            }
            first = !isOpen();
            lines.add(line);
        }
        if (first) {
            tell(LineEvent.Type.OPEN);
        }
    }

    void left(TranscriberLine line) {
        boolean last;
        synchronized (this) {
            last = lines.remove(line) && !isOpen();
        }
        if (last) {
            tell(LineEvent.Type.CLOSE);
        }
    }

    @Override
    public void open() {
        boolean was;
        synchronized (this) {
            was = isOpen();
            opened = true;
        }
        if (!was) {
            tell(LineEvent.Type.OPEN);
        }
    }

    /** Closes its lines, too. */
    @Override
    public void close() {
        List<TranscriberLine> open;
        boolean last;
        synchronized (this) {
            open = List.copyOf(lines);
            last = opened && lines.isEmpty();
            opened = false;
        }
        open.forEach(TranscriberLine::close);
        if (last) {
            tell(LineEvent.Type.CLOSE);
        }
    }

    @Override
    public synchronized boolean isOpen() {
        return opened || !lines.isEmpty();
    }
}
