package io.mambaaudio.lv2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The native half's side of the shared memory, as {@code transcriber.c} does it. */
final class FakeHost {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    final ByteBuffer memory;
    private final int channels;
    private final int ringFrames;
    private final int textBytes;

    /** What came back. */
    record Message(int kind, String text) {}

    FakeHost(int sampleRateHz, int channels, int ringFrames, int textBytes) {
        this.channels = channels;
        this.ringFrames = ringFrames;
        this.textBytes = textBytes;
        memory = ByteBuffer.allocateDirect(SharedMemory.HEADER_BYTES + 4 * channels * ringFrames + textBytes)
                .order(ByteOrder.nativeOrder());
        memory.putInt(0, SharedMemory.LAYOUT).putInt(4, sampleRateHz).putInt(8, channels);
        memory.putInt(12, ringFrames).putInt(16, textBytes).putInt(SharedMemory.WRITES_FILE, 1);
    }

    boolean listened() {
        return (int) INT.getAcquire(memory, SharedMemory.LISTENING) != 0;
    }

    /** Offers sound; gives how many frames were taken. */
    int write(float[][] sound, int offset, int frames) {
        long written = memory.getLong(SharedMemory.AUDIO_WRITTEN);
        long read = (long) LONG.getAcquire(memory, SharedMemory.AUDIO_READ);
        int count = (int) Math.min(frames, ringFrames - (written - read));
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < count; i++) {
                int slot = c * ringFrames + ((int) (written + i) & (ringFrames - 1));
                memory.putFloat(SharedMemory.HEADER_BYTES + 4 * slot, sound[c][offset + i]);
            }
        }
        LONG.setRelease(memory, SharedMemory.AUDIO_WRITTEN, written + count);
        return count;
    }

    /** All of a sound, waiting for room as a host does that is not in a hurry. */
    void writeAll(float[][] sound, int from, int to) throws InterruptedException {
        for (int at = from; at < to; ) {
            int count = write(sound, at, Math.min(1000, to - at));
            at += count;
            if (count == 0) {
                Thread.sleep(1);
            }
        }
    }

    List<Message> receive() {
        List<Message> messages = new ArrayList<>();
        long read = memory.getLong(SharedMemory.TEXT_READ);
        long written = (long) LONG.getAcquire(memory, SharedMemory.TEXT_WRITTEN);
        int start = memory.capacity() - textBytes;
        while (read < written) {
            int at = start + ((int) read & (textBytes - 1));
            int kind = memory.getInt(at);
            int length = memory.getInt(at + 4);
            byte[] text = new byte[length];
            memory.get(at + 8, text);
            if (kind != 0) {
                messages.add(new Message(kind, new String(text, StandardCharsets.UTF_8)));
            }
            read += 8 + (length + 7 & ~7);
        }
        LONG.setRelease(memory, SharedMemory.TEXT_READ, read);
        return messages;
    }

    boolean post(String name) {
        if ((int) INT.getAcquire(memory, SharedMemory.LETTER_FULL) != 0) {
            return false;
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        memory.put(SharedMemory.LETTER, bytes);
        memory.put(SharedMemory.LETTER + bytes.length, (byte) 0);
        INT.setRelease(memory, SharedMemory.LETTER_FULL, 1);
        return true;
    }
}
