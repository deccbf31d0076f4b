package io.mambaaudio.speech;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** A model as {@link CompactFormat} describes it, read where it is mapped; only the tables of values are copied. */
final class CompactNGram extends NGram {
    private final MemorySegment file;
    private final CompactFormat format;
    private final int sentenceStart;
    private final float[][] lnP; // (order)(codes)
    private final float[][] lnBackOff; // (order - 1)(codes)
    private final long fingerprint;

    private CompactNGram(MemorySegment file, CompactFormat format) {
        this.file = file;
        this.format = format;
        sentenceStart = file.get(CompactFormat.INT, 24);
        fingerprint = file.get(CompactFormat.LONG, 8);
        lnP = new float[format.order][];
        lnBackOff = new float[format.order - 1][];
        for (int t = 0; t < 2 * format.order - 1; t++) {
            float[] table = new float[1 << format.codeBits];
            MemorySegment.copy(file, CompactFormat.FLOAT, format.tableAt(t), table, 0, table.length);
            if (t < format.order) {
                lnP[t] = table;
            } else {
                lnBackOff[t - format.order] = table;
            }
        }
    }

    /** Whether a file begins as a compact one does. */
    static boolean is(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(CompactFormat.MAGIC.length), CompactFormat.MAGIC);
        } catch (IOException e) {
            return false; // whoever reads it next says why
        }
    }

    static CompactNGram open(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            // Unmapped when nobody uses the model any more: streams that share it end at different times.
            return of(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()), path.toString());
        } catch (IOException e) {
            throw new SpeechException(
                    "cannot read the language model " + path + " (" + e.getMessage() + "); give a readable file", e);
        } catch (InternalError e) { // a file that shrinks below its mapping
            throw new SpeechException("language model " + path + " changed while it was read; try again", e);
        }
    }

    static CompactNGram of(MemorySegment file, String name) {
        CompactNGram model = new CompactNGram(file, CompactCheck.format(file, name));
        CompactCheck.values(model, name);
        return model;
    }

    MemorySegment file() {
        return file;
    }

    CompactFormat format() {
        return format;
    }

    float[] tableOfLnP(int n) {
        return lnP[n - 1];
    }

    float[] tableOfLnBackOff(int n) {
        return lnBackOff[n - 1];
    }

    @Override
    public int order() {
        return format.order;
    }

    @Override
    public int size(int n) {
        return (int) format.counts[n - 1];
    }

    @Override
    public long bytes() {
        return format.bytes;
    }

    @Override
    long fingerprint() {
        return fingerprint;
    }

    @Override
    int sentenceStart() {
        return sentenceStart;
    }

    @Override
    int wordOf(long hash) {
        int low = 0;
        int high = size(1) - 2;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = file.get(CompactFormat.LONG, format.hashesAt + 8L * middle);
            if (found == hash) {
                return middle + 1;
            }
            if (found < hash) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return UNKNOWN;
    }

    @Override
    int child(int n, int history, int word) {
        int low = first(n - 1, history);
        int high = first(n - 1, history + 1) - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = word(n, middle);
            if (found == word) {
                return middle;
            }
            if (found < word) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    @Override
    float lnP(int n, int index) {
        return lnP[n - 1][bits(n, index, n == 1 ? 0 : format.wordBits, format.codeBits)];
    }

    @Override
    float lnBackOff(int n, int index) {
        return lnBackOff[n - 1][bits(n, index, (n == 1 ? 0 : format.wordBits) + format.codeBits, format.codeBits)];
    }

    /** The last word of an n-gram of 2 or more. */
    int word(int n, int index) {
        return bits(n, index, 0, format.wordBits);
    }

    /** The index of the first longer n-gram that begins with this one; for the one after the last, where they end. */
    int first(int n, int index) {
        return bits(n, index, format.recordBits[n - 1] - format.firstBits[n - 1], format.firstBits[n - 1]);
    }

    private int bits(int n, int index, int from, int width) {
        long bit = (long) index * format.recordBits[n - 1] + from;
        long eight = file.get(CompactFormat.LONG, format.recordsAt[n - 1] + (bit >>> 3));
        return (int) (eight >>> (bit & 7) & (1L << width) - 1);
    }
}
