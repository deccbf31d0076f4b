package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import jcuda.Pointer;

/** Host memory that the card copies from and to by itself. */
final class PinnedMemory implements AutoCloseable {
    private final Pointer pointer = new Pointer();
    private final ByteBuffer buffer;

    PinnedMemory(long bytes) {
        check(cuMemHostAlloc(pointer, bytes, 0), "cuMemHostAlloc of " + bytes + " bytes");
        buffer = pointer.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    }

    Pointer pointer() {
        return pointer;
    }

    FloatBuffer floats() {
        return buffer.asFloatBuffer();
    }

    IntBuffer ints() {
        return buffer.asIntBuffer();
    }

    @Override
    public void close() {
        check(cuMemFreeHost(pointer), "cuMemFreeHost");
    }
}
