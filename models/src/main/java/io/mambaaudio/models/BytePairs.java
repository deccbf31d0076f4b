package io.mambaaudio.models;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Joins the bytes of a word, pair by pair, the pair that was learned first first (Sennrich et al. 2016). Immutable. */
final class BytePairs {
    /** For tokenizers that need none. */
    static final BytePairs NONE = new BytePairs(new int[0], Map.of());

    private final int[] ofByte; // the token of each byte
    private final Map<Long, Merge> merges; // by the two tokens that are joined

    /** Two tokens become one; the lower rank goes first. */
    record Merge(int rank, int token) {}

    private record Candidate(int rank, int left, int right, int leftToken, int rightToken)
            implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int byRank = Integer.compare(rank, other.rank);
            return byRank != 0 ? byRank : Integer.compare(left, other.left);
        }
    }

    BytePairs(int[] ofByte, Map<Long, Merge> merges) {
        this.ofByte = ofByte.clone();
        this.merges = new HashMap<>(merges);
    }

    static long key(int left, int right) {
        return ((long) left << 32) | right;
    }

    /** Adds a word's tokens; the time grows with its length and hardly faster. */
    void encode(byte[] word, List<Integer> tokens) {
        int n = word.length;
        int[] token = new int[n];
        int[] next = new int[n];
        int[] before = new int[n];
        for (int i = 0; i < n; i++) {
            token[i] = ofByte[Byte.toUnsignedInt(word[i])];
            next[i] = i + 1;
            before[i] = i - 1;
        }
        PriorityQueue<Candidate> queue = new PriorityQueue<>();
        for (int i = 0; i + 1 < n; i++) {
            offer(queue, token, i, i + 1);
        }
        while (!queue.isEmpty()) {
            Candidate c = queue.remove();
            if (token[c.left] != c.leftToken || next[c.left] != c.right || token[c.right] != c.rightToken) {
                continue; // one of the two has become part of another
            }
            token[c.left] = merged(c).token();
            token[c.right] = -1;
            next[c.left] = next[c.right];
            if (next[c.left] < n) {
                before[next[c.left]] = c.left;
                offer(queue, token, c.left, next[c.left]);
            }
            if (before[c.left] >= 0) {
                offer(queue, token, before[c.left], c.left);
            }
        }
        for (int i = 0; i < n; i = next[i]) {
            tokens.add(token[i]);
        }
    }

    private Merge merged(Candidate c) {
        return java.util.Objects.requireNonNull(merges.get(key(c.leftToken, c.rightToken)));
    }

    private void offer(PriorityQueue<Candidate> queue, int[] token, int left, int right) {
        Merge merge = merges.get(key(token[left], token[right]));
        if (merge != null) {
            queue.add(new Candidate(merge.rank(), left, right, token[left], token[right]));
        }
    }
}
