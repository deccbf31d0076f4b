package io.mambaaudio.engine.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.EngineException;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PcmTest {
    @ParameterizedTest
    @EnumSource
    void rawSamplesOfAnyEncodingAreRead(SampleEncoding encoding) {
        byte[] bytes = new byte[encoding.bytes() * 2 * 100];
        AudioInput input =
                AudioInputs.raw("stdin", new ByteArrayInputStream(bytes), encoding, new StreamFormat(8_000, 2));
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(input, List.of(), output);
        float[][] samples = output.samples();
        assertEquals(100, samples[1].length);
        float zero =
                switch (encoding) {
                    case U8 -> -1;
                    case ULAW -> -32124 / 32768f;
                    case ALAW -> -5504 / 32768f;
                    default -> 0;
                };
        assertEquals(zero, samples[1][99]);
    }

    @Test
    void byteOrderIsRespected() {
        float[] values = {-1, 0.5f, 0.25f};
        for (String kind : new String[] {"S16", "S24", "S32", "F32", "F64"}) {
            SampleEncoding little = SampleEncoding.named(kind + "le");
            SampleEncoding big = SampleEncoding.named(kind + "BE");
            byte[] bytes = new byte[3 * little.bytes()];
            Pcm.encode(little, values, bytes, 0, little.bytes(), 3);
            float[] back = new float[3];
            Pcm.decode(little, bytes, 0, little.bytes(), back, 3);
            assertArrayEquals(values, back);
            for (int i = 0; i < 3; i++) {
                for (int b = 0; b < little.bytes() / 2; b++) {
                    int from = i * little.bytes() + b;
                    int to = (i + 1) * little.bytes() - 1 - b;
                    byte swap = bytes[from];
                    bytes[from] = bytes[to];
                    bytes[to] = swap;
                }
            }
            Pcm.decode(big, bytes, 0, big.bytes(), back, 3);
            assertArrayEquals(values, back, kind);
        }
    }

    @Test
    void anUnknownEncodingGetsTheListOfKnownOnes() {
        assertTrue(assertThrows(EngineException.class, () -> SampleEncoding.named("s17"))
                .getMessage()
                .startsWith("sample encoding \"s17\" is not known; choose one of u8, s8, s16le, s16be, "));
    }

    @Test
    void loudSamplesAreLimitedAndNotWrapped() {
        byte[] bytes = new byte[2 * 4];
        Pcm.encode(SampleEncoding.S16LE, new float[] {1, -1, 1.5f, -7}, bytes, 0, 2, 4);
        float[] back = new float[4];
        Pcm.decode(SampleEncoding.S16LE, bytes, 0, 2, back, 4);
        assertArrayEquals(new float[] {32767 / 32768f, -1, 32767 / 32768f, -1}, back);
    }
}
