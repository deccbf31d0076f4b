package io.mambaaudio.server;

/** 16-bit little-endian samples that come in messages of any length; a sample that two messages share is put together again. */
final class PcmBytes {
    private int half = -1; // the lower byte of a sample, if the last message ended with one

    /** The samples that are complete, −1 to 1. */
    float[] samples(byte[] bytes) {
        if (bytes.length == 0) {
            return new float[0];
        }
        int carried = half < 0 ? 0 : 1;
        float[] samples = new float[(bytes.length + carried) / 2];
        for (int i = 0; i < samples.length; i++) {
            int at = 2 * i - carried;
            int low = at < 0 ? half : bytes[at] & 0xff;
            samples[i] = (short) (bytes[at + 1] << 8 | low) / 32768f;
        }
        boolean odd = (bytes.length + carried) % 2 == 1;
        half = odd ? bytes[bytes.length - 1] & 0xff : -1;
        return samples;
    }
}
