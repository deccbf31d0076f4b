package io.mambaaudio.models.cuda;

import static io.mambaaudio.models.cuda.Driver.check;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;

/** Work that was recorded once and is started with one call. */
final class StepGraph implements AutoCloseable {
    private final CUgraphExec executable = new CUgraphExec();

    /** Records what the work puts into the stream. */
    StepGraph(CUstream stream, Runnable work) {
        CUgraph graph = new CUgraph();
        check(cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED), "cuStreamBeginCapture");
        try {
            work.run();
        } finally {
            check(cuStreamEndCapture(stream, graph), "cuStreamEndCapture");
        }
        check(cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
        check(cuGraphDestroy(graph), "cuGraphDestroy");
    }

    void launch(CUstream stream) {
        check(cuGraphLaunch(executable, stream), "cuGraphLaunch");
    }

    @Override
    public void close() {
        check(cuGraphExecDestroy(executable), "cuGraphExecDestroy");
    }
}
