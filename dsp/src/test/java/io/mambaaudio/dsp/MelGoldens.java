package io.mambaaudio.dsp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What mel_goldens.py wrote. */
final class MelGoldens {
    /**
     * One case.
     *
     * @param sound samples as both libraries got them
     * @param librosa (frames * nMels) values
     * @param torchaudio (frames * nMels) values
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(String name, MelSpec spec, float[] sound, float[] librosa, float[] torchaudio) {
        @Override
        public String toString() {
            return name;
        }
    }

    private MelGoldens() {}

    static List<Case> all() {
        float[] numbers = floats(bytes("mel_goldens.f32"));
        return new String(bytes("mel_goldens.tsv"), StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .map(row -> parse(row.split("\t", -1), numbers))
                .toList();
    }

    private static Case parse(String[] row, float[] numbers) {
        MelSpec spec = new MelSpec(
                Integer.parseInt(row[1]),
                Integer.parseInt(row[2]),
                Integer.parseInt(row[3]),
                Integer.parseInt(row[4]),
                Integer.parseInt(row[5]),
                Double.parseDouble(row[6]),
                Double.parseDouble(row[7]),
                MelSpec.Scale.valueOf(row[8].toUpperCase(Locale.ROOT)),
                MelSpec.Norm.valueOf(row[9].toUpperCase(Locale.ROOT)),
                Double.parseDouble(row[10]),
                Float.parseFloat(row[11]));
        int values = Integer.parseInt(row[14]) * spec.nMels();
        return new Case(
                row[0],
                spec,
                slice(numbers, row[12], Integer.parseInt(row[13])),
                slice(numbers, row[15], values),
                slice(numbers, row[16], values));
    }

    private static float[] slice(float[] numbers, String start, int length) {
        int from = Integer.parseInt(start);
        return Arrays.copyOfRange(numbers, from, from + length);
    }

    private static float[] floats(byte[] bytes) {
        float[] floats = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }

    private static byte[] bytes(String name) {
        try (InputStream in = MelGoldens.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing; run dsp/src/test/python/mel_goldens.py");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
