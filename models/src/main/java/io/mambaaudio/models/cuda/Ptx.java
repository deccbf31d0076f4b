package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import jcuda.driver.CUmodule;

/** A file of kernels, compiled by the driver for the card that is there. */
final class Ptx implements AutoCloseable {
    private final CUmodule module = new CUmodule();
    private final Map<String, Kernel> kernels = new HashMap<>();

    Ptx(String name) {
        String file = name + ".ptx.gz";
        check(cuModuleLoadData(module, text(file)), "cuModuleLoadData of " + file);
    }

    static String text(String file) {
        try (InputStream in = Ptx.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + file + "; run models/src/main/cuda/build-ptx");
            }
            return new String(new GZIPInputStream(in).readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Kernel kernel(String name) {
        return kernels.computeIfAbsent(name, n -> new Kernel(module, n));
    }

    @Override
    public void close() {
        check(cuModuleUnload(module), "cuModuleUnload");
    }
}
