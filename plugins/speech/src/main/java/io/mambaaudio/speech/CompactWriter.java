package io.mambaaudio.speech;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes a model as {@link CompactFormat} describes it. */
final class CompactWriter {
    private final ArrayNGram model;
    private final CompactFormat format;
    private final MemorySegment file;
    private final long[] hashes; // (words - 1) rising
    private final int[][] place; // (order)(n-grams) where an n-gram of the model goes
    private final int[][] origin; // (order)(n-grams) the other way round
    private final long[][] keys; // (order)(n-grams) of the new places and word ids, rising; none for 1-grams

    private CompactWriter(ArrayNGram model) {
        this.model = model;
        long[] counts = new long[model.order()];
        for (int n = 0; n < counts.length; n++) {
            counts[n] = model.size(n + 1);
        }
        format = new CompactFormat(counts, CompactFormat.CODE_BITS);
        file = MemorySegment.ofArray(new byte[Math.toIntExact(format.bytes)]);
        hashes = new long[model.size(1) - 1];
        place = new int[model.order()][];
        origin = new int[model.order()][];
        keys = new long[model.order()][];
    }

    static void write(ArrayNGram model, Path out) throws IOException {
        CompactWriter writer = new CompactWriter(model);
        writer.arrange();
        writer.fill();
        Files.write(out, (byte[]) writer.file.heapBase().orElseThrow());
    }

    /** Words by their hashes, n-grams by the new places of their histories. */
    private void arrange() {
        int[] words = new int[model.size(1)];
        long[] hashOf = new long[words.length];
        int found = 0;
        for (int slot = 0; slot < model.wordId.length; slot++) {
            if (model.wordId[slot] > NGram.UNKNOWN) {
                hashOf[model.wordId[slot]] = hashes[found++] = model.wordHash[slot];
            }
        }
        Arrays.sort(hashes);
        for (int id = 1; id < words.length; id++) {
            words[id] = Arrays.binarySearch(hashes, hashOf[id]) + 1;
        }
        setPlaces(1, words);
        for (int n = 2; n <= model.order(); n++) {
            arrange(n);
        }
    }

    private void arrange(int n) {
        long[] old = model.keys[n - 2];
        long[] moved = new long[old.length];
        for (int i = 0; i < old.length; i++) {
            moved[i] = ArrayNGram.key(place[n - 2][(int) (old[i] >>> 32)], place[0][(int) old[i]]);
        }
        long[] sorted = moved.clone();
        Arrays.sort(sorted);
        int[] to = new int[old.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = Arrays.binarySearch(sorted, moved[i]);
        }
        keys[n - 1] = sorted;
        setPlaces(n, to);
    }

    private void setPlaces(int n, int[] to) {
        place[n - 1] = to;
        origin[n - 1] = new int[to.length];
        for (int i = 0; i < to.length; i++) {
            origin[n - 1][to[i]] = i;
        }
    }

    private void fill() {
        MemorySegment.copy(CompactFormat.MAGIC, 0, file, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, 8);
        file.set(CompactFormat.INT, 8, CompactFormat.VERSION);
        file.set(CompactFormat.INT, 16, model.order());
        file.set(CompactFormat.INT, 20, model.size(1));
        file.set(CompactFormat.INT, 24, model.sentenceStart() < 0 ? -1 : place[0][model.sentenceStart()]);
        file.set(CompactFormat.INT, 28, format.codeBits);
        for (int n = 0; n < format.order; n++) {
            file.set(CompactFormat.LONG, CompactFormat.COUNTS_AT + 8L * n, format.counts[n]);
        }
        MemorySegment.copy(hashes, 0, file, CompactFormat.LONG, format.hashesAt, hashes.length);
        for (int n = 1; n <= format.order; n++) {
            fillRecords(n);
        }
        file.set(CompactFormat.INT, 12, CompactFormat.checksum(file));
    }

    private void fillRecords(int n) {
        boolean highest = n == format.order;
        Quantiser p = quantise(model.lnP[n - 1], n - 1);
        Quantiser backOff = highest ? p : quantise(model.lnBackOff[n - 1], format.order + n - 1);
        int wordBits = n == 1 ? 0 : format.wordBits;
        int children = 0;
        for (int i = 0; i <= model.size(n); i++) {
            long record = 0;
            if (i < model.size(n)) {
                int from = origin[n - 1][i];
                record = n == 1 ? 0 : (int) keys[n - 1][i];
                record |= (long) p.code(model.lnP[n - 1][from]) << wordBits;
                if (!highest) {
                    record |= (long) backOff.code(model.lnBackOff[n - 1][from]) << (wordBits + format.codeBits);
                }
            }
            if (!highest) {
                while (children < model.size(n + 1) && keys[n][children] >>> 32 < i) {
                    children++;
                }
                record |= (long) children << (wordBits + 2 * format.codeBits);
            }
            put(n, i, record);
        }
    }

    private Quantiser quantise(float[] values, int table) {
        Quantiser quantiser = new Quantiser(values, 1 << format.codeBits);
        MemorySegment.copy(
                quantiser.table, 0, file, CompactFormat.FLOAT, format.tableAt(table), quantiser.table.length);
        return quantiser;
    }

    private void put(int n, int index, long record) {
        long bit = (long) index * format.recordBits[n - 1];
        long at = format.recordsAt[n - 1] + (bit >>> 3);
        int shift = (int) (bit & 7);
        file.set(CompactFormat.LONG, at, file.get(CompactFormat.LONG, at) | (record << shift));
        if (shift + format.recordBits[n - 1] > 64) {
            long more = file.get(CompactFormat.LONG, at + 8) | (record >>> (64 - shift));
            file.set(CompactFormat.LONG, at + 8, more);
        }
    }
}
