package io.mambaaudio.lv2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The memory of one plugin instance, made and freed by the native half: a ring of sound from the host's audio thread to us, a ring of
 * text back, and a letter box for the name of a file. Nobody waits and nobody locks: each position has one writer, who publishes it
 * with release, and one reader, who sees it with acquire.
 *
 * <p>The offsets are those of {@code shared.h}, which asserts them; {@link #LAYOUT} changes whenever they do.
 */
final class SharedMemory {
    static final int LAYOUT = 1;

    /** The text of the utterance so far. */
    static final int PARTIAL = 1;

    /** The text of a finished utterance. */
    static final int FINAL = 2;

    /** The most bytes of a text; the native half promises its host that no message is longer. */
    static final int MAX_TEXT_BYTES = 4096;

    static final int HEADER_BYTES = 4992;
    static final int AUDIO_WRITTEN = 128;
    static final int AUDIO_READ = 256;
    static final int TEXT_WRITTEN = 384;
    static final int TEXT_READ = 512;
    static final int WRITES_FILE = 20;
    static final int LISTENING = 640;
    static final int LETTER_FULL = 768;
    static final int LETTER = 772;
    static final int LETTER_BYTES = 4096;

    /** The rest of the text ring is empty: go on at its start. */
    private static final int SKIP = 0;

    private static final int RECORD_HEADER_BYTES = 8;

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer memory;
    private final int sampleRateHz;
    private final int channels;
    private final int ringFrames; // a power of two
    private final int textBytes; // a power of two
    private final int textAt;
    private final FloatBuffer audio; // (channels, ringFrames)

    /**
     * Looks at memory that the native half has made.
     *
     * @param memory a direct buffer of all of it
     * @throws IllegalStateException if the native half is of another version
     */
    SharedMemory(ByteBuffer memory) {
        this.memory = memory.order(ByteOrder.nativeOrder());
        int layout = memory.getInt(0);
        if (layout != LAYOUT) {
            throw new IllegalStateException("the native half has layout=" + layout + ", the Java half layout=" + LAYOUT
                    + "; build the bundle again");
        }
        sampleRateHz = memory.getInt(4);
        channels = memory.getInt(8);
        ringFrames = memory.getInt(12);
        textBytes = memory.getInt(16);
        int audioBytes = channels * ringFrames * Float.BYTES;
        textAt = HEADER_BYTES + audioBytes;
        if (memory.capacity() != textAt + textBytes) {
            throw new IllegalStateException("the native half gives bytes=" + memory.capacity() + ", expected "
                    + (textAt + textBytes) + "; build the bundle again");
        }
        audio = memory.slice(HEADER_BYTES, audioBytes)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    int sampleRateHz() {
        return sampleRateHz;
    }

    int channels() {
        return channels;
    }

    /** Forgets what lies in the rings. Only while the host does not run. */
    void clear() {
        LONG.setRelease(memory, AUDIO_READ, (long) LONG.getAcquire(memory, AUDIO_WRITTEN));
        LONG.setRelease(memory, TEXT_WRITTEN, (long) LONG.getAcquire(memory, TEXT_READ));
    }

    /** Tells the audio thread whether anybody takes what it writes. */
    void listening(boolean value) {
        INT.setRelease(memory, LISTENING, value ? 1 : 0);
    }

    /** Whether the user wants finished text in a file, too. */
    boolean writesFile() {
        return (int) INT.getOpaque(memory, WRITES_FILE) != 0;
    }

    /**
     * Takes sound, with what is not a number replaced by silence.
     *
     * @param block (channels, at least maxFrames) receives the samples
     * @return frames read, 0 to maxFrames
     */
    int read(float[][] block, int maxFrames) {
        long read = (long) LONG.getOpaque(memory, AUDIO_READ);
        long written = (long) LONG.getAcquire(memory, AUDIO_WRITTEN);
        int count = (int) Math.min(maxFrames, written - read);
        int at = (int) read & (ringFrames - 1);
        int first = Math.min(count, ringFrames - at);
        for (int c = 0; c < channels; c++) {
            audio.get(c * ringFrames + at, block[c], 0, first);
            audio.get(c * ringFrames, block[c], first, count - first);
            silenceWhatIsNoNumber(block[c], count);
        }
        LONG.setRelease(memory, AUDIO_READ, read + count);
        return count;
    }

    private static void silenceWhatIsNoNumber(float[] samples, int count) {
        for (int i = 0; i < count; i++) {
            if (!(Math.abs(samples[i]) <= Float.MAX_VALUE)) {
                samples[i] = 0;
            }
        }
    }

    /**
     * Hands text to the host.
     *
     * @param kind {@link #PARTIAL} or {@link #FINAL}
     * @param text cut to {@link #MAX_TEXT_BYTES} of UTF-8
     * @return false if the ring is full, because the host does not run
     */
    boolean tell(int kind, String text) {
        byte[] bytes = utf8(text);
        int record = RECORD_HEADER_BYTES + (bytes.length + 7 & ~7);
        long written = (long) LONG.getOpaque(memory, TEXT_WRITTEN);
        long room = textBytes - (written - (long) LONG.getAcquire(memory, TEXT_READ));
        int at = (int) written & (textBytes - 1);
        int tail = textBytes - at;
        int skipped = tail < record ? tail : 0;
        if (room < skipped + record) {
            return false;
        }
        if (skipped > 0) {
            memory.putInt(textAt + at, SKIP).putInt(textAt + at + 4, tail - RECORD_HEADER_BYTES);
            at = 0;
        }
        memory.putInt(textAt + at, kind).putInt(textAt + at + 4, bytes.length);
        memory.put(textAt + at + RECORD_HEADER_BYTES, bytes);
        LONG.setRelease(memory, TEXT_WRITTEN, written + skipped + record);
        return true;
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = bytes.length;
        if (length > MAX_TEXT_BYTES) {
            length = MAX_TEXT_BYTES;
            while ((bytes[length] & 0xC0) == 0x80) { // not in the middle of a character
                length--;
            }
        }
        return Arrays.copyOf(bytes, length);
    }

    /**
     * Takes the name of a file out of the letter box.
     *
     * @return the name; empty if there is none
     */
    String takeLetter() {
        if ((int) INT.getAcquire(memory, LETTER_FULL) == 0) {
            return "";
        }
        byte[] bytes = new byte[LETTER_BYTES];
        memory.get(LETTER, bytes);
        INT.setRelease(memory, LETTER_FULL, 0);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
