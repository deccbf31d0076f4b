package io.mambaaudio.engine;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How one sample is written in bytes, named as on the command lines of sound tools: signed, unsigned or float, bits, byte order. */
public enum SampleEncoding {
    /** 8-bit unsigned, as in WAV. */
    U8(1),
    /** 8-bit signed, as in AIFF and AU. */
    S8(1),
    /** 16-bit signed, little-endian. */
    S16LE(2),
    /** 16-bit signed, big-endian. */
    S16BE(2),
    /** 24-bit signed in three bytes, little-endian. */
    S24LE(3),
    /** 24-bit signed in three bytes, big-endian. */
    S24BE(3),
    /** 32-bit signed, little-endian; also fewer bits at the upper end of four bytes. */
    S32LE(4),
    /** 32-bit signed, big-endian; also fewer bits at the upper end of four bytes. */
    S32BE(4),
    /** 32-bit IEEE 754, little-endian. */
    F32LE(4),
    /** 32-bit IEEE 754, big-endian. */
    F32BE(4),
    /** 64-bit IEEE 754, little-endian. */
    F64LE(8),
    /** 64-bit IEEE 754, big-endian. */
    F64BE(8),
    /** 8-bit mu-law of ITU-T G.711. */
    ULAW(1),
    /** 8-bit A-law of ITU-T G.711. */
    ALAW(1);

    private final int bytes;

    SampleEncoding(int bytes) {
        this.bytes = bytes;
    }

    /**
     * The size of a sample.
     *
     * @return bytes, 1 to 8
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Finds an encoding by its name in any case.
     *
     * @param name as {@code s16le}
     * @return the encoding
     * @throws EngineException when there is none of that name; the message lists them
     */
    public static SampleEncoding named(String name) {
        return Arrays.stream(values())
                .filter(e -> e.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new EngineException("sample encoding \"" + name + "\" is not known; choose one of "
                        + Arrays.stream(values())
                                .map(e -> e.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))));
    }
}
