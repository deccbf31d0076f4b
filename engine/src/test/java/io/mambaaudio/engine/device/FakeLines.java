package io.mambaaudio.engine.device;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.DataLine;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.SourceDataLine;
import javax.sound.sampled.TargetDataLine;

/** A Java Sound line and mixer that a test moves by hand. Both directions count bytes in one buffer of 3,200. */
final class FakeLines {
    static final int BUFFER_BYTES = 3_200;

    /** Bytes that can be read (recording) or written (playing). */
    final AtomicInteger available = new AtomicInteger();

    final AtomicInteger moved = new AtomicInteger();
    final AtomicBoolean active = new AtomicBoolean();
    final AtomicBoolean open = new AtomicBoolean();
    volatile byte[] lastWritten = new byte[0];
    volatile int onlyChannels; // 0: all

    TargetDataLine target() {
        return line(TargetDataLine.class);
    }

    Mixer mixer() {
        return (Mixer) Proxy.newProxyInstance(
                FakeLines.class.getClassLoader(),
                new Class<?>[] {Mixer.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getMixerInfo" -> new Mixer.Info("fake speaker", "test", "test", "1") {};
                    case "isLineSupported" ->
                        onlyChannels == 0
                                || ((DataLine.Info) arguments[0]).getFormats()[0].getChannels() == onlyChannels;
                    case "getLine" -> line(SourceDataLine.class);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private <T> T line(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                FakeLines.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "available" -> available.get();
                    case "getBufferSize" -> BUFFER_BYTES;
                    case "read", "write" -> move(method.getName(), arguments);
                    case "isActive" -> active.get();
                    case "start" -> set(active, true);
                    case "stop" -> set(active, false);
                    case "open" -> open(arguments);
                    case "close" -> set(open, false);
                    default -> throw new UnsupportedOperationException(method.getName());
                }));
    }

    private static Object set(AtomicBoolean flag, boolean value) {
        flag.set(value);
        return flag; // the methods are void: what is returned is dropped
    }

    private Object open(Object[] arguments) throws LineUnavailableException {
        if (((AudioFormat) arguments[0]).getSampleRate() == 11_025) {
            throw new LineUnavailableException("in use");
        }
        return set(open, true);
    }

    /** A device never moves more than it has; samples are 1, 2, 3, … */
    private Object move(String method, Object[] arguments) {
        byte[] bytes = (byte[]) arguments[0];
        int count = Math.min((int) arguments[2], available.get());
        if (method.equals("read")) {
            for (int i = 0; i < count; i++) {
                int sample = (moved.get() + i) / 2;
                bytes[i] = (byte) ((moved.get() + i) % 2 == 0 ? sample : sample >> 8);
            }
        } else {
            lastWritten = bytes.clone();
        }
        moved.addAndGet(count);
        available.addAndGet(-count);
        return count;
    }
}
