package io.mambaaudio.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * The bases of a FASTA file, plain or packed by gzip, one after the other as 0 to 3; what is not A, C, G or T is left out. The last tenth is
 * held out.
 *
 * @param learnt to train on
 * @param held to judge by
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never printed
record Genome(byte[] learnt, byte[] held) {
    static final int BASES = 4;
    private static final int LEAST = 100_000;
    private static final int MOST = 1 << 29;

    static Genome read(Path file) {
        byte[] all = bases(file);
        if (all.length < LEAST) {
            throw new UserError(
                    file + " has " + all.length + " bases; give a genome of at least " + LEAST + " in FASTA");
        }
        int cut = (int) (all.length * 0.9);
        return new Genome(Arrays.copyOf(all, cut), Arrays.copyOfRange(all, cut, all.length));
    }

    private static byte[] bases(Path file) {
        byte[] text;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            in.mark(2);
            boolean packed = in.read() == 0x1f && in.read() == 0x8b;
            in.reset();
            text = (packed ? new GZIPInputStream(in) : in).readNBytes(MOST);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read; give a genome in FASTA, for example of bacteria");
        }
        return bases(text);
    }

    /** Lines that begin with '>' are names. */
    static byte[] bases(byte[] fasta) {
        byte[] codes = new byte[256];
        Arrays.fill(codes, (byte) -1);
        byte[] letters = "ACGTacgt".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < letters.length; i++) {
            codes[letters[i]] = (byte) (i % BASES);
        }
        byte[] out = new byte[fasta.length];
        int n = 0;
        boolean name = false;
        boolean lineStart = true;
        for (byte b : fasta) {
            name = lineStart ? b == '>' : name;
            lineStart = b == '\n';
            byte code = codes[Byte.toUnsignedInt(b)];
            if (!name && code >= 0) {
                out[n++] = code;
            }
        }
        return Arrays.copyOf(out, n);
    }

    /**
     * What a table of all contexts of so many bases needs for a held-out base, having counted those of the other part.
     *
     * @return bits
     */
    double countedBits(int order) {
        int mask = (1 << (2 * order)) - 1;
        float[] counts = new float[(mask + 1) * BASES];
        Arrays.fill(counts, 1f / 4);
        int context = 0;
        for (int i = 0; i < learnt.length; i++) {
            if (i >= order) {
                counts[context * BASES + learnt[i]]++;
            }
            context = ((context << 2) | learnt[i]) & mask;
        }
        double bits = 0;
        for (int i = 0; i < held.length; i++) {
            int at = context * BASES;
            double all = counts[at] + counts[at + 1] + counts[at + 2] + counts[at + 3];
            bits -= Math.log(counts[at + held[i]] / all) / Math.log(2);
            context = ((context << 2) | held[i]) & mask;
        }
        return bits / held.length;
    }
}
