package io.mambaaudio.models.cuda;

import io.mambaaudio.models.ModelException;
import jcuda.CudaException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Every call of the driver goes through {@link #check}: an error names the call, the code and what to do. */
final class Driver {
    private Driver() {}

    /**
     * Does nothing if the call succeeded.
     *
     * @param result what the driver returned
     * @param call its name, with what it was asked for
     */
    static void check(int result, String call) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw failure(result, call);
        }
    }

    static ModelException failure(int result, String call) {
        return new ModelException(
                "backend=cuda: " + call + " failed with " + name(result) + " (" + result + "); " + remedy(result));
    }

    static String name(int result) {
        try {
            return CUresult.stringFor(result);
        } catch (CudaException unknown) {
            return "an unknown error";
        }
    }

    private static String remedy(int result) {
        return switch (result) {
            case CUresult.CUDA_ERROR_OUT_OF_MEMORY ->
                "open fewer streams, end other programs on the GPU, or choose backend=auto";
            case CUresult.CUDA_ERROR_NO_DEVICE ->
                "no NVIDIA GPU is visible here (see CUDA_VISIBLE_DEVICES); choose backend=auto";
            case CUresult.CUDA_ERROR_INVALID_PTX,
                    CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                    CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
                    CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH ->
                "update the NVIDIA driver to 555 or newer, or choose backend=auto";
            default -> "close this session and open another; if it comes again, choose backend=auto and report it";
        };
    }

    /** Starts the driver once; later calls cost nothing. */
    static void init() {
        JCudaDriver.setExceptionsEnabled(false);
        check(JCudaDriver.cuInit(0), "cuInit");
    }
}
