package io.mambaaudio.engine.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mambaaudio.engine.ArrayOutput;
import io.mambaaudio.engine.AudioEngine;
import io.mambaaudio.engine.AudioInput;
import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.engine.AudioOutputs;
import io.mambaaudio.engine.SampleEncoding;
import io.mambaaudio.engine.StreamFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AiffAuTest {
    /** Full scale down, half, nothing, a quarter down: exact in every encoding that is not a law. */
    private static final float[] SOUND = {-1, 0.5f, 0, -0.25f};

    private static float[][] read(byte[] bytes, StreamFormat format) {
        AudioInput input = AudioInputs.stream("x", new ByteArrayInputStream(bytes));
        assertEquals(format, input.format());
        ArrayOutput output = AudioOutputs.array();
        AudioEngine.run(input, List.of(), output);
        return output.samples();
    }

    /** Two equal channels of {@link #SOUND}. */
    private static byte[] body(SampleEncoding big) {
        int bytes = big.bytes();
        SampleEncoding little =
                bytes == 1 ? SampleEncoding.U8 : SampleEncoding.named(big.name().replace("BE", "LE"));
        byte[] one = new byte[SOUND.length * bytes];
        Pcm.encode(little, SOUND, one, 0, bytes, SOUND.length);
        byte[] both = new byte[2 * one.length];
        for (int i = 0; i < one.length; i++) {
            int sample = i / bytes;
            int b = bytes - 1 - i % bytes;
            byte value = bytes == 1 ? (byte) (one[i] - 128) : one[sample * bytes + b];
            both[2 * sample * bytes + i % bytes] = value;
            both[(2 * sample + 1) * bytes + i % bytes] = value;
        }
        return both;
    }

    @ParameterizedTest
    @CsvSource({"S8, 2", "S16BE, 3", "S24BE, 4", "S32BE, 5", "F32BE, 6", "F64BE, 7"})
    void auOfAnyBitDepthIsRead(SampleEncoding encoding, int code) throws IOException {
        for (int size : new int[] {SOUND.length * 2 * encoding.bytes(), -1}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeBytes(".snd");
            for (int word : new int[] {28, size, code, 22_050, 2, 0}) {
                out.writeInt(word);
            }
            out.write(body(encoding));
            assertArrayEquals(new float[][] {SOUND, SOUND}, read(bytes.toByteArray(), new StreamFormat(22_050, 2)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "S8, ''",
        "S16BE, ''",
        "S24BE, ''",
        "S32BE, ''",
        "S16BE, NONE",
        "S16LE, sowt",
        "F32BE, fl32",
        "F32BE, FL32",
        "F64BE, fl64"
    })
    void aiffOfAnyBitDepthIsRead(SampleEncoding encoding, String compression) throws IOException {
        byte[] samples = encoding == SampleEncoding.S16LE ? swapped(body(SampleEncoding.S16BE)) : body(encoding);
        assertArrayEquals(
                new float[][] {SOUND, SOUND},
                read(aiff(encoding.bytes() * 8, compression, samples), new StreamFormat(44_100, 2)));
    }

    private static byte[] swapped(byte[] body) {
        for (int i = 0; i < body.length; i += 2) {
            byte first = body[i];
            body[i] = body[i + 1];
            body[i + 1] = first;
        }
        return body;
    }

    private static byte[] aiff(int bits, String compression, byte[] samples) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        boolean isAifc = !compression.isEmpty();
        out.writeBytes("FORM");
        out.writeInt(4 + (isAifc ? 12 + 32 : 26) + 10 + 16 + samples.length);
        out.writeBytes(isAifc ? "AIFC" : "AIFF");
        if (isAifc) {
            out.writeBytes("FVER");
            out.writeInt(4);
            out.writeInt(0xA280_5140);
        }
        out.writeBytes("COMM");
        out.writeInt(isAifc ? 24 : 18);
        out.writeShort(2);
        out.writeInt(SOUND.length);
        out.writeShort(bits);
        // 44,100 as an 80-bit float: exponent 16383 + 15, mantissa 44100 << 48.
        out.writeShort(0x400E);
        out.writeLong(44_100L << 48);
        if (isAifc) {
            out.writeBytes(compression);
            out.writeShort(0); // an empty Pascal string and its padding
        }
        out.writeBytes("ANNO");
        out.writeInt(1);
        out.writeShort(0); // one byte and its padding
        out.writeBytes("SSND");
        out.writeInt(8 + samples.length);
        out.writeLong(0);
        out.write(samples);
        return bytes.toByteArray();
    }

    @Test
    void lawsAreReadFromAu() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeBytes(".snd");
        for (int word : new int[] {24, 2, 1, 8_000, 1}) {
            out.writeInt(word);
        }
        out.write(0x00);
        out.write(0xFF);
        assertArrayEquals(new float[][] {{-32124 / 32768f, 0}}, read(bytes.toByteArray(), new StreamFormat(8_000, 1)));
    }
}
