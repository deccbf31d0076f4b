package io.mambaaudio.engine.device;

/** The two companding laws of ITU-T G.711 as tables: byte to sample, full scale of the 16-bit expansion = 1. */
final class G711 {
    /** Mu-law: inverted bits, a bias of 33 (132 at 16 bits), eight segments. */
    static final float[] ULAW = new float[256];

    /** A-law: every other bit inverted, eight segments of which the first two are linear. */
    static final float[] ALAW = new float[256];

    static {
        for (int code = 0; code < 256; code++) {
            ULAW[code] = ulaw(code) / 32768f;
            ALAW[code] = alaw(code) / 32768f;
        }
    }

    private G711() {}

    private static int ulaw(int code) {
        int bits = ~code & 0xFF;
        int segment = (bits >> 4) & 7;
        int magnitude = (((bits & 15) << 3) + 132) << segment;
        return (bits & 0x80) != 0 ? 132 - magnitude : magnitude - 132;
    }

    private static int alaw(int code) {
        int bits = code ^ 0x55;
        int segment = (bits >> 4) & 7;
        int step = (bits & 15) << 4;
        int magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1);
        return (bits & 0x80) != 0 ? magnitude : -magnitude;
    }
}
