package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import io.mambaaudio.models.ModelException;
import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;

/** The first GPU and its primary context, shared with whatever else in the process uses it. */
final class Gpu implements AutoCloseable {
    /** Tensor cores for bfloat16, asynchronous copies: Ampere. */
    private static final int LEAST_MAJOR = 8;

    /** PTX 8.5 came with CUDA 12.5. */
    private static final int LEAST_DRIVER = 12_050;

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final String name;
    private final int computeCapability; // 80, 90, ...
    private final int multiprocessors;

    Gpu() {
        Driver.init();
        int[] found = new int[1];
        check(cuDeviceGetCount(found), "cuDeviceGetCount");
        if (found[0] == 0) {
            throw new ModelException("backend=cuda: no NVIDIA GPU is visible here; choose backend=auto");
        }
        check(cuDriverGetVersion(found), "cuDriverGetVersion");
        if (found[0] < LEAST_DRIVER) {
            throw new ModelException(
                    "backend=cuda: the driver is for CUDA " + found[0] / 1000 + "." + found[0] % 1000 / 10
                            + ", expected 12.5 or newer; update the NVIDIA driver to 555 or newer, or choose backend=auto");
        }
        check(cuDeviceGet(device, 0), "cuDeviceGet");
        byte[] text = new byte[256];
        check(cuDeviceGetName(text, text.length, device), "cuDeviceGetName");
        name = new String(text, StandardCharsets.UTF_8).split("\0", 2)[0];
        computeCapability = 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        if (computeCapability < 10 * LEAST_MAJOR) {
            throw new ModelException("backend=cuda: " + name + " has compute capability " + computeCapability / 10.0
                    + ", expected 8.0 (Ampere) or newer; choose backend=auto");
        }
        multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        check(cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        enter();
    }

    private int attribute(int which) {
        int[] value = new int[1];
        check(cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute");
        return value[0];
    }

    /** Makes the context that of this thread. Any thread may come; every public way in begins with it. */
    void enter() {
        check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    String name() {
        return name;
    }

    int computeCapability() {
        return computeCapability;
    }

    int multiprocessors() {
        return multiprocessors;
    }

    /** Most shared memory of one block. */
    int sharedBytes() {
        return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    }

    /** Free bytes on the card. */
    long freeBytes() {
        long[] free = new long[1];
        long[] total = new long[1];
        check(cuMemGetInfo(free, total), "cuMemGetInfo");
        return free[0];
    }

    @Override
    public void close() {
        check(cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
    }
}
