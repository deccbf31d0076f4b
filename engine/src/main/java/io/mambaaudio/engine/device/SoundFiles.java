package io.mambaaudio.engine.device;

import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import javax.sound.sampled.spi.AudioFileReader;

/** Opens sound files: WAV and AIFF by our own readers, all else by Java Sound and the providers that are there. */
public final class SoundFiles {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAGIC_BYTES = 12;

    private SoundFiles() {}

    /** A file or a named pipe. */
    public static AudioInput open(Path file) {
        String name = String.valueOf(file.getFileName() == null ? file : file.getFileName());
        if (Files.isDirectory(file)) {
            throw new EngineException(file + " is a directory; give a sound file");
        }
        if (!Files.exists(file)) {
            throw new EngineException(file + " does not exist; give a sound file");
        }
        try {
            return open(name, Files.newInputStream(file));
        } catch (AccessDeniedException e) {
            throw new EngineException(file + " may not be read by this user", e);
        } catch (IOException e) {
            throw new EngineException(file + " can't be opened: " + EngineException.reason(e), e);
        }
    }

    /** A stream that holds a sound file; closed when it holds none. */
    public static AudioInput open(String name, InputStream stream) {
        BufferedInputStream in = new BufferedInputStream(new GuardedStream(stream), BUFFER_BYTES);
        try {
            return dispatch(name, in);
        } catch (RuntimeException | Error e) {
            closeQuietly(in);
            throw e;
        }
    }

    private static AudioInput dispatch(String name, BufferedInputStream in) {
        byte[] magic = peek(name, in);
        if (magic.length == 0) {
            throw new EngineException(name + " is empty (0 bytes); give a sound file");
        }
        if ((has(magic, 0, "RIFF") || has(magic, 0, "RF64")) && has(magic, 8, "WAVE")) {
            return pcm(name, in, WavHeader.read(name, in));
        }
        if (has(magic, 0, "FORM") && has(magic, 8, "AIF")) {
            return pcm(name, in, AiffHeader.read(name, in));
        }
        if (has(magic, 0, "MThd")) {
            throw new EngineException(name + " is a MIDI file: notes, not sound; render it to WAV first");
        }
        return bySoundSystem(name, in, magic);
    }

    private static PcmInput pcm(String name, InputStream in, PcmHeader header) {
        return new PcmInput(name, in, header.encoding(), header.format(), header.frames());
    }

    private static AudioInput bySoundSystem(String name, BufferedInputStream in, byte[] magic) {
        try {
            AudioInputStream decoded = toPcm(byFirstReader(in));
            AudioFormat format = decoded.getFormat();
            return new PcmInput(
                    name,
                    decoded,
                    encoding(name, format),
                    format(name, Math.round((double) format.getSampleRate()), format.getChannels()),
                    frames(decoded));
        } catch (EngineException e) {
            throw e;
        } catch (UnsupportedAudioFileException e) {
            throw new EngineException(name + unsupported(magic), e);
        } catch (IOException | RuntimeException | Error e) { // hostile files make decoders throw anything
            throw new EngineException(
                    name + " is damaged or not a sound file that can be read: " + EngineException.reason(e), e);
        }
    }

    /**
     * As AudioSystem does it, but with our own readers first (they bound the memory and say what is wrong), and without losing
     * what a reader says about a damaged file of its kind.
     */
    private static AudioInputStream byFirstReader(BufferedInputStream in)
            throws UnsupportedAudioFileException, IOException {
        List<AudioFileReader> readers = ServiceLoader.load(AudioFileReader.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(reader -> !isOurs(reader)))
                .toList();
        for (AudioFileReader reader : readers) {
            try {
                return reader.getAudioInputStream(in);
            } catch (UnsupportedAudioFileException e) {
                // The next one is asked.
            }
        }
        throw new UnsupportedAudioFileException("no reader knows it");
    }

    private static boolean isOurs(AudioFileReader reader) {
        return reader.getClass().getName().startsWith("io.mambaaudio.");
    }

    /** Lets a format provider decode what is compressed, to the bits that it had. */
    private static AudioInputStream toPcm(AudioInputStream stream) {
        AudioFormat format = stream.getFormat();
        AudioFormat.Encoding encoding = format.getEncoding();
        if (isPlain(encoding)) {
            return stream;
        }
        int bits = format.getSampleSizeInBits();
        int pcmBits = bits == 8 || bits == 24 || bits == 32 ? bits : 16;
        int channels = Math.max(1, format.getChannels());
        AudioFormat pcm = new AudioFormat(
                AudioFormat.Encoding.PCM_SIGNED,
                format.getSampleRate(),
                pcmBits,
                channels,
                channels * pcmBits / 8,
                format.getSampleRate(),
                false);
        return AudioSystem.getAudioInputStream(pcm, stream);
    }

    private static boolean isPlain(AudioFormat.Encoding encoding) {
        return encoding.equals(AudioFormat.Encoding.PCM_SIGNED)
                || encoding.equals(AudioFormat.Encoding.PCM_UNSIGNED)
                || encoding.equals(AudioFormat.Encoding.PCM_FLOAT)
                || encoding.equals(AudioFormat.Encoding.ULAW)
                || encoding.equals(AudioFormat.Encoding.ALAW);
    }

    private static OptionalLong frames(AudioInputStream stream) {
        long frames = stream.getFrameLength();
        return frames < 0 || frames >= Integer.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(frames);
    }

    private static SampleEncoding encoding(String name, AudioFormat format) {
        AudioFormat.Encoding encoding = format.getEncoding();
        int bytes = format.getChannels() > 0 ? format.getFrameSize() / format.getChannels() : 0;
        if (encoding.equals(AudioFormat.Encoding.ULAW) && bytes == 1) {
            return SampleEncoding.ULAW;
        }
        if (encoding.equals(AudioFormat.Encoding.ALAW) && bytes == 1) {
            return SampleEncoding.ALAW;
        }
        String kind = encoding.equals(AudioFormat.Encoding.PCM_FLOAT)
                ? "F"
                : encoding.equals(AudioFormat.Encoding.PCM_SIGNED) ? "S" : "U";
        String order = bytes <= 1 ? "" : format.isBigEndian() ? "BE" : "LE";
        try {
            return SampleEncoding.named(kind + 8 * bytes + order);
        } catch (EngineException e) {
            throw new EngineException(name + " has samples of " + format + ", which can't be read; convert it", e);
        }
    }

    /** Rate and channels out of a header, checked. */
    static StreamFormat format(String name, long rate, int channels) {
        try {
            return new StreamFormat(Math.clamp(rate, 0, Integer.MAX_VALUE), channels);
        } catch (IllegalArgumentException e) {
            throw new EngineException(name + " can't be read: " + EngineException.reason(e), e);
        }
    }

    private static String unsupported(byte[] magic) {
        String kind = has(magic, 0, "fLaC")
                ? "FLAC"
                : has(magic, 0, "OggS") ? "Ogg" : has(magic, 0, "ID3") || isMpegSync(magic) ? "MP3" : "";
        return kind.isEmpty()
                ? " is not a sound file that can be read; readable are WAV, AIFF, AU, FLAC, MP3 and Ogg/Opus"
                : " looks like " + kind + ", but it is damaged or no reader for it is there; check the file, and that"
                        + " io.mambaaudio.formats is on the module path";
    }

    private static boolean isMpegSync(byte[] magic) {
        return magic.length > 1 && magic[0] == (byte) 0xFF && (magic[1] & 0xE0) == 0xE0;
    }

    private static boolean has(byte[] magic, int at, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < wanted.length; i++) {
            if (at + i >= magic.length || magic[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] peek(String name, BufferedInputStream in) {
        try {
            in.mark(MAGIC_BYTES);
            byte[] magic = in.readNBytes(MAGIC_BYTES);
            in.reset();
            return magic;
        } catch (IOException e) {
            throw new EngineException(name + " can't be read: " + EngineException.reason(e), e);
        }
    }

    private static void closeQuietly(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            // The reason why it is closed is on its way to the user.
        }
    }
}
