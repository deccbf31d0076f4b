package io.mambaaudio.engine.device;

import io.mambaaudio.engine.Devices.Device;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.StreamFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.Line;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;
import javax.sound.sampled.TargetDataLine;

/** Java Sound's mixers by direction, and how a user's words choose one. */
public final class Lines {
    /** Recording or playing. */
    public enum Direction {
        /** From the device to us. */
        INPUT("recording device", TargetDataLine.class),
        /** From us to the device. */
        OUTPUT("playing device", SourceDataLine.class);

        private final String words;
        private final Class<? extends Line> line;

        Direction(String words, Class<? extends Line> line) {
            this.words = words;
            this.line = line;
        }
    }

    /** The vendor of the devices that this engine is for other programs: it does not play into itself. */
    private static final String OURS = "Mamba Audio";

    private Lines() {}

    /** The devices of a direction, with unique names. */
    public static List<Device> devices(Direction direction) {
        List<Device> devices = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Mixer.Info info : mixers(direction)) {
            names.add(info.getName());
            long same = names.stream().filter(info.getName()::equals).count();
            String name = same == 1 ? info.getName() : info.getName() + " #" + same;
            devices.add(new Device(devices.size(), name, info.getDescription()));
        }
        return List.copyOf(devices);
    }

    private static List<Mixer.Info> mixers(Direction direction) {
        try {
            return Arrays.stream(AudioSystem.getMixerInfo())
                    .filter(info -> !info.getVendor().equals(OURS))
                    .filter(info -> {
                        Line.Info[] lines = direction == Direction.INPUT
                                ? AudioSystem.getMixer(info).getTargetLineInfo()
                                : AudioSystem.getMixer(info).getSourceLineInfo();
                        return Arrays.stream(lines).anyMatch(l -> direction.line.isAssignableFrom(l.getLineClass()));
                    })
                    .toList();
        } catch (RuntimeException | LinkageError e) {
            throw new EngineException("the sound system can't be asked for devices: " + EngineException.reason(e), e);
        }
    }

    /** The mixer that a user means by a name, a part of a name in any case, or a number; empty means the first. */
    static Mixer mixer(Direction direction, Optional<String> wanted) {
        List<Device> devices = devices(direction);
        if (devices.isEmpty()) {
            throw new EngineException("this machine has no " + direction.words
                    + "; plug one in, or give a file or standard input instead");
        }
        int index = wanted.map(text -> index(direction, devices, text)).orElse(0);
        return AudioSystem.getMixer(mixers(direction).get(index));
    }

    static int index(Direction direction, List<Device> devices, String text) {
        if (text.matches("\\d{1,4}") && Integer.parseInt(text) < devices.size()) {
            return Integer.parseInt(text);
        }
        String lower = text.toLowerCase(Locale.ROOT);
        for (Device device : devices) {
            if (device.name().equalsIgnoreCase(text)) {
                return device.index();
            }
        }
        List<Device> parts = devices.stream()
                .filter(d -> d.name().toLowerCase(Locale.ROOT).contains(lower))
                .toList();
        if (parts.size() == 1) {
            return parts.getFirst().index();
        }
        String what = parts.isEmpty() ? "there is no " : "there is more than one ";
        throw new EngineException(what + direction.words + " \"" + text + "\"; choose by name or number: "
                + list(parts.isEmpty() ? devices : parts));
    }

    private static String list(List<Device> devices) {
        return devices.stream().map(d -> d.index() + "=" + d.name()).collect(Collectors.joining(", "));
    }

    /** 16-bit signed little-endian, which every device has. */
    static AudioFormat pcm16(StreamFormat format) {
        return new AudioFormat(format.sampleRateHz(), 16, format.channels(), true, false);
    }

    static boolean has(Mixer mixer, Direction direction, StreamFormat format) {
        return mixer.isLineSupported(new DataLine.Info(direction.line, pcm16(format)));
    }
}
