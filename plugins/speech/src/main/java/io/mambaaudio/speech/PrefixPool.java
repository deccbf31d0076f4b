package io.mambaaudio.speech;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A tree of prefixes in arrays of fixed size. A node is a prefix; its path from the root are the pieces that are not committed yet.
 * A node lives as long as a hypothesis or a child refers to it.
 */
final class PrefixPool implements SavedState.Part {
    static final int NONE = -1;

    final int[] parent; // (capacity) NONE at the root
    final int[] piece; // (capacity) last piece of the prefix, NONE at the root of an utterance
    final long[] createdStep; // (capacity)
    final long[] peakStep; // (capacity) where the last piece is likeliest
    final double[] peakLogP; // (capacity) ln posterior there
    final long[] parentPeakStep; // (capacity) peakStep of the parent when most of this prefix' mass came from it
    final double[] parentPeakLogP; // (capacity)
    final double[] bonus; // (capacity) language model, word bonus and hotwords: all of the score that is not acoustic
    final long[] wordHash; // (capacity) of the unfinished word
    final int[] hotState; // (capacity) state of the hotword automaton
    final int[] context; // (capacity, contextWords) the last words for the language model, oldest first
    final int contextWords;

    private final int[] refs; // (capacity) children and hypotheses
    private final int[] firstChild; // (capacity)
    private final int[] nextSibling; // (capacity) of a free node: the next free one
    private int free;
    private int used;

    PrefixPool(int capacity, int contextWords) {
        this.contextWords = contextWords;
        parent = new int[capacity];
        piece = new int[capacity];
        createdStep = new long[capacity];
        peakStep = new long[capacity];
        peakLogP = new double[capacity];
        parentPeakStep = new long[capacity];
        parentPeakLogP = new double[capacity];
        bonus = new double[capacity];
        wordHash = new long[capacity];
        hotState = new int[capacity];
        context = new int[capacity * contextWords];
        refs = new int[capacity];
        firstChild = new int[capacity];
        nextSibling = new int[capacity];
        clear();
    }

    void clear() {
        for (int i = 0; i < parent.length; i++) {
            nextSibling[i] = i + 1 < parent.length ? i + 1 : NONE;
        }
        free = 0;
        used = 0;
    }

    int used() {
        return used;
    }

    int capacity() {
        return parent.length;
    }

    int refs(int node) {
        return refs[node];
    }

    int onlyChild(int node) {
        return firstChild[node];
    }

    int child(int node, int childPiece) {
        int child = firstChild[node];
        while (child != NONE && piece[child] != childPiece) {
            child = nextSibling[child];
        }
        return child;
    }

    boolean childrenStartWords(int node, Pieces pieces) {
        int child = firstChild[node];
        while (child != NONE && pieces.startsWord(piece[child])) {
            child = nextSibling[child];
        }
        return child == NONE;
    }

    /** A new node without references, below {@code above}, or a root if that is NONE. */
    int create(int above, int newPiece) {
        int node = free;
        if (node == NONE) {
            throw new IllegalStateException("prefix pool of " + capacity() + " nodes is full; this is a bug");
        }
        free = nextSibling[node];
        used++;
        refs[node] = 0;
        parent[node] = above;
        piece[node] = newPiece;
        firstChild[node] = NONE;
        nextSibling[node] = NONE;
        if (above != NONE) {
            refs[above]++;
            nextSibling[node] = firstChild[above];
            firstChild[above] = node;
        }
        return node;
    }

    /** Says that most of the mass of a prefix comes from its parent at this step, whose own peak was then as given. */
    void begin(int node, long step, double logP, long parentStep, double parentLogP) {
        peakStep[node] = step;
        peakLogP[node] = logP;
        parentPeakStep[node] = parentStep;
        parentPeakLogP[node] = parentLogP;
    }

    void retain(int node) {
        refs[node]++;
    }

    /** Drops one reference, and the node and its ancestors as far as nothing refers to them any more. */
    void release(int node) {
        int n = node;
        while (n != NONE && --refs[n] == 0) {
            int above = parent[n];
            if (above != NONE) {
                unlink(above, n);
            }
            nextSibling[n] = free;
            free = n;
            used--;
            n = above;
        }
    }

    /** Makes the only child of a root that nothing else refers to the new root. */
    int advanceRoot(int root) {
        int child = firstChild[root];
        parent[child] = NONE;
        nextSibling[root] = free;
        free = root;
        used--;
        return child;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        SavedState.write(out, parent);
        SavedState.write(out, piece);
        SavedState.write(out, createdStep);
        SavedState.write(out, peakStep);
        SavedState.write(out, peakLogP);
        SavedState.write(out, parentPeakStep);
        SavedState.write(out, parentPeakLogP);
        SavedState.write(out, bonus);
        SavedState.write(out, wordHash);
        SavedState.write(out, hotState);
        SavedState.write(out, context);
        SavedState.write(out, refs);
        SavedState.write(out, firstChild);
        SavedState.write(out, nextSibling);
        out.writeInt(free);
        out.writeInt(used);
    }

    @Override
    public void load(DataInputStream in) throws IOException {
        SavedState.read(in, parent);
        SavedState.read(in, piece);
        SavedState.read(in, createdStep);
        SavedState.read(in, peakStep);
        SavedState.read(in, peakLogP);
        SavedState.read(in, parentPeakStep);
        SavedState.read(in, parentPeakLogP);
        SavedState.read(in, bonus);
        SavedState.read(in, wordHash);
        SavedState.read(in, hotState);
        SavedState.read(in, context);
        SavedState.read(in, refs);
        SavedState.read(in, firstChild);
        SavedState.read(in, nextSibling);
        free = in.readInt();
        used = in.readInt();
    }

    private void unlink(int above, int node) {
        if (firstChild[above] == node) {
            firstChild[above] = nextSibling[node];
            return;
        }
        int before = firstChild[above];
        while (nextSibling[before] != node) {
            before = nextSibling[before];
        }
        nextSibling[before] = nextSibling[node];
    }
}
