package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuMemsetD8;

import java.util.Locale;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;

/** One allocation on the card, given out in aligned parts. Addresses are plain numbers, as the kernels take them. */
final class DeviceMemory implements AutoCloseable {
    private static final int ALIGNMENT = 256;

    private final Address base = new Address();
    private final long bytes;
    private long used;

    /** A device pointer whose value can be read. */
    private static final class Address extends CUdeviceptr {
        long value() {
            return getNativePointer();
        }
    }

    DeviceMemory(long bytes, String what) {
        this.bytes = padded(Math.max(bytes, 1));
        int result = cuMemAlloc(base, this.bytes);
        if (result != CUresult.CUDA_SUCCESS) {
            throw Driver.failure(
                    result, String.format(Locale.ROOT, "cuMemAlloc of %.1f MB for %s", this.bytes / 1e6, what));
        }
        check(cuMemsetD8(base, (byte) 0, this.bytes), "cuMemsetD8");
    }

    /** What so many bytes take with their alignment. */
    static long padded(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The address of the next so many bytes. */
    long take(long size) {
        long at = base.value() + used;
        used += padded(size);
        if (used > bytes) {
            throw new IllegalStateException("took " + used + " of " + bytes + " bytes");
        }
        return at;
    }

    long address() {
        return base.value();
    }

    CUdeviceptr pointer(long address) {
        return base.withByteOffset(address - base.value());
    }

    void put(long address, Pointer from, long size) {
        check(cuMemcpyHtoD(pointer(address), from, size), "cuMemcpyHtoD");
        check(
                cuCtxSynchronize(),
                "cuCtxSynchronize"); // the last part of a copy from ordinary memory may be still on its way
    }

    void get(long address, Pointer to, long size) {
        check(cuMemcpyDtoH(to, pointer(address), size), "cuMemcpyDtoH");
    }

    @Override
    public void close() {
        check(cuMemFree(base), "cuMemFree");
    }
}
