package io.mambaaudio.speech;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Refuses compact files that are damaged or that nobody wrote, in one line, before anything of them is used. */
final class CompactCheck {
    private static final float LEAST_LN = -1000;

    private CompactCheck() {}

    /** Where everything lies, with size and checksum found right. */
    static CompactFormat format(MemorySegment file, String name) {
        require(file.byteSize() >= CompactFormat.COUNTS_AT + 8, name, "it has only " + file.byteSize() + " bytes");
        byte[] magic = file.asSlice(0, CompactFormat.MAGIC.length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        require(Arrays.equals(magic, CompactFormat.MAGIC), name, "it does not begin with MAMBNGRM");
        int version = file.get(CompactFormat.INT, 8);
        require(version == CompactFormat.VERSION, name, "its version is " + version + ", this release reads 1");
        int order = file.get(CompactFormat.INT, 16);
        require(order >= 1 && order <= CompactFormat.MAX_ORDER, name, "its order is " + order + ", not 1 to 6");
        int codeBits = file.get(CompactFormat.INT, 28);
        require(codeBits >= 1 && codeBits <= 8, name, "its codes have " + codeBits + " bits, not 1 to 8");
        long tablesAt = CompactFormat.COUNTS_AT + 8L * order;
        require(file.byteSize() >= tablesAt, name, "it has only " + file.byteSize() + " bytes");
        CompactFormat format = new CompactFormat(counts(file, order, name), codeBits);
        require(
                file.byteSize() == format.bytes,
                name,
                "it has " + file.byteSize() + " bytes, its header asks for " + format.bytes);
        require(
                file.get(CompactFormat.INT, 12) == CompactFormat.checksum(file),
                name,
                "its checksum is wrong, so it is damaged");
        return format;
    }

    private static long[] counts(MemorySegment file, int order, String name) {
        long[] counts = new long[order];
        for (int n = 0; n < order; n++) {
            counts[n] = file.get(CompactFormat.LONG, CompactFormat.COUNTS_AT + 8L * n);
            long most = file.byteSize() * 8; // each takes a bit at least
            require(
                    counts[n] >= (n == 0 ? 1 : 0) && counts[n] < most && counts[n] < Integer.MAX_VALUE,
                    name,
                    "it claims " + counts[n] + " " + (n + 1) + "-grams");
        }
        int words = file.get(CompactFormat.INT, 20);
        require(words == counts[0], name, "it claims " + words + " words and " + counts[0] + " 1-grams");
        int start = file.get(CompactFormat.INT, 24);
        require(start >= -1 && start < words, name, "its sentence start is word " + start + " of " + words);
        return counts;
    }

    /** The tables, and that every index lies where it should. */
    static void values(CompactNGram model, String name) {
        for (int n = 1; n <= model.order(); n++) {
            for (float p : model.tableOfLnP(n)) {
                require(p <= 0 && p >= LEAST_LN, name, "it has a logarithm of a probability of " + p);
            }
        }
        for (int n = 1; n < model.order(); n++) {
            for (float b : model.tableOfLnBackOff(n)) {
                require(Math.abs(b) <= -LEAST_LN, name, "it has a logarithm of a back-off of " + b);
            }
            children(model, n, name);
        }
        hashes(model, name);
    }

    private static void children(CompactNGram model, int n, String name) {
        int count = model.size(n);
        int before = 0;
        boolean rising = model.first(n, 0) == 0;
        for (int i = 0; i <= count; i++) {
            int first = model.first(n, i);
            rising &= first >= before;
            before = first;
        }
        require(
                rising && before == model.size(n + 1),
                name,
                "its " + n + "-grams do not lead to its " + (n + 1) + "-grams");
    }

    private static void hashes(CompactNGram model, String name) {
        long at = model.format().hashesAt;
        boolean rising = true;
        for (int i = 2; i < model.size(1); i++) {
            long hash = model.file().get(CompactFormat.LONG, at + 8L * (i - 1));
            rising &= hash > model.file().get(CompactFormat.LONG, at + 8L * (i - 2));
        }
        require(rising, name, "its words are not in order");
    }

    private static void require(boolean ok, String name, String what) {
        if (!ok) {
            throw new SpeechException(
                    "language model " + name + ": " + what + "; get it again, or make it anew from its ARPA file");
        }
    }
}
