package unaware;

import java.io.File;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;

/** Plays a file on a device, as any Java program does. It knows Java Sound and nothing else. */
public final class Player {
    private Player() {}

    public static void main(String[] args) throws Exception {
        try (AudioInputStream sound = AudioSystem.getAudioInputStream(new File(args[0]))) {
            AudioFormat format = sound.getFormat();
            SourceDataLine line = args.length > 1
                    ? AudioSystem.getSourceDataLine(format, named(args[1]))
                    : AudioSystem.getSourceDataLine(format);
            line.open(format);
            line.start();
            byte[] buffer = new byte[4096];
            for (int count = sound.read(buffer); count > 0; count = sound.read(buffer)) {
                line.write(buffer, 0, count);
            }
            line.drain();
            System.out.println("played frames=" + line.getLongFramePosition());
            line.stop();
            line.close();
        }
    }

    private static Mixer.Info named(String name) {
        for (Mixer.Info info : AudioSystem.getMixerInfo()) {
            if (info.getName().equals(name)) {
                return info;
            }
        }
        throw new IllegalArgumentException("no device " + name);
    }
}
