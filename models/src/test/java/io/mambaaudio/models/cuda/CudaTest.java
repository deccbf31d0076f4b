package io.mambaaudio.models.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mambaaudio.models.ModelException;
import io.mambaaudio.models.backend.ModelWeights;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CudaTest {
    private final ModelWeights tiny = RandomModel.mamba1(64, 2, 16, 4, 97, RandomModel.Kind.F32, 1);

    @ParameterizedTest
    @ValueSource(strings = {"stream", "batch", "move", "others", "prefill"})
    void theGpuAgreesWithTheScalarTwin(String kind) {
        Optional<String> whyNot = CudaBackend.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> "skipped: " + whyNot.orElseThrow());
        assertEquals(0, new GpuCheck(kind).run(true));
    }

    @Test
    void withoutAGpuOpeningSaysInOneLineWhatToDo() {
        assumeTrue(CudaBackend.whyNot().isPresent(), "skipped: there is a GPU here");
        String message = assertThrows(ModelException.class, () -> CudaBackend.open(tiny, 1))
                .getMessage();
        assertTrue(message.startsWith("backend=cuda: ") && message.endsWith("choose backend=auto"), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void theGpuPaysForManyStreamsOrALargeModelAndNotForALoneSmallOne() {
        ModelWeights speech = RandomModel.speech(RandomModel.Kind.INT8);
        assertTrue(Speed.ofGpuOverCpu(tiny, 1) < Speed.PAYS);
        assertTrue(Speed.ofGpuOverCpu(speech, 1) < Speed.PAYS);
        assertTrue(Speed.ofGpuOverCpu(speech, 64) > Speed.PAYS);
        assertTrue(CudaBackend.whyNot(tiny, 1)
                .orElseThrow()
                .startsWith("cuda pays from 4 times as fast, and is about 0."));
    }
}
