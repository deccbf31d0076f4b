package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuLaunchCooperativeKernel;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor;

import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;

/** A function on the card. */
final class Kernel {
    private static final int DEFAULT_SHARED_BYTES =
            40 << 10; // 48 KB are free, together with what a kernel declares itself

    private final CUfunction function = new CUfunction();
    private final String name;

    Kernel(CUmodule module, String name) {
        this.name = name;
        check(cuModuleGetFunction(function, module, name), "cuModuleGetFunction of " + name);
    }

    /** Lets a block use so many bytes of dynamic shared memory. */
    Kernel shared(int bytes) {
        if (bytes > DEFAULT_SHARED_BYTES) {
            check(
                    cuFuncSetAttribute(
                            function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
                    "cuFuncSetAttribute of " + name + " to " + bytes + " bytes of shared memory");
        }
        return this;
    }

    /** Blocks that fit a multiprocessor at once. */
    int blocksPerMultiprocessor(int threads, int sharedBytes) {
        int[] blocks = new int[1];
        check(
                cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, sharedBytes),
                "cuOccupancyMaxActiveBlocksPerMultiprocessor of " + name);
        return blocks[0];
    }

    /**
     * Starts it.
     *
     * @param arguments Integer, Long (addresses, too), Float and byte[] (a struct), as the kernel declares them
     */
    void launch(CUstream stream, int gridX, int gridY, int threads, int sharedBytes, Object... arguments) {
        check(
                cuLaunchKernel(
                        function, gridX, gridY, 1, threads, 1, 1, sharedBytes, stream, parameters(arguments), null),
                "cuLaunchKernel of " + name);
    }

    /** Starts it with all blocks resident at once, so that they may wait for each other. */
    void launchTogether(CUstream stream, int blocks, int threads, int sharedBytes, Object... arguments) {
        check(
                cuLaunchCooperativeKernel(
                        function, blocks, 1, 1, threads, 1, 1, sharedBytes, stream, parameters(arguments)),
                "cuLaunchCooperativeKernel of " + name);
    }

    private static Pointer parameters(Object... arguments) {
        Pointer[] pointers = new Pointer[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            pointers[i] = switch (arguments[i]) {
                case Integer v -> Pointer.to(new int[] {v});
                case Long v -> Pointer.to(new long[] {v});
                case byte[] v -> Pointer.to(v);
                case Float v -> Pointer.to(new float[] {v});
                default -> throw new IllegalArgumentException("argument " + i + " of type " + arguments[i].getClass());
            };
        }
        return Pointer.to(pointers);
    }
}
