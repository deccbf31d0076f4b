package io.mambaaudio.models.backend;

import io.mambaaudio.models.Backend;

/**
 * The states of up to {@link #capacity()} streams of one model on one device, and the steps that move them on. Slots are numbered from 0; which
 * are taken, how many inputs each has had and when a step is due is the caller's business, who has checked every argument. A stream's result
 * never depends on which other slots are in a call.
 *
 * <p>One thread at a time. Once warm, nothing is allocated but by {@link #reset} (a slot's first use) and {@link #sibling}. The layout of a
 * state is that of the package.
 */
public interface Slots extends AutoCloseable {
    /** Slots that there are. */
    int capacity();

    /** The start of a stream: a state of zeros. Called before a slot is used. */
    void reset(int slot);

    /** Copies the state of a slot out, {@code state} (stateSize). */
    void read(int slot, float[] state);

    /** Replaces the state of a slot by {@code state} (stateSize). */
    void write(int slot, float[] state);

    /**
     * One frame for each of several slots of a model with a front end: every one's window moves on by it, and those that are due take a step.
     *
     * @param slots different ones; the first {@code count} count
     * @param frames (count, nMels)
     * @param due (count) whether the slot's frame completes a step
     * @param logits (count, vocabSize); rows of slots that are not due are left alone
     */
    void step(int[] slots, int count, float[] frames, boolean[] due, float[] logits);

    /**
     * One token for each of several slots of a model with an embedding table.
     *
     * @param slots different ones; the first {@code count} count
     * @param tokens (count)
     * @param logits (count, vocabSize)
     */
    void step(int[] slots, int count, int[] tokens, float[] logits);

    /**
     * Many frames for one slot: the same as as many steps.
     *
     * @param frames (count, nMels)
     * @param firstDue index of the frame that completes the first step, possibly beyond the last; then every strideFrames
     * @param rows of how many of the last steps logits are wanted, at most as many as there are steps
     * @param logits (rows, vocabSize)
     */
    void prefill(int slot, float[] frames, int count, int firstDue, int rows, float[] logits);

    /**
     * Many tokens for one slot: the same as as many steps.
     *
     * @param tokens (count)
     * @param rows of how many of the last tokens logits are wanted, at most count
     * @param logits (rows, vocabSize)
     */
    void prefill(int slot, int[] tokens, int count, int rows, float[] logits);

    /**
     * More slots over the same weights, which stay for as long as one of the sets is open. The two may be used by two threads.
     *
     * @param capacity how many
     * @throws io.mambaaudio.models.ModelException if the device has no room for them
     */
    Slots sibling(int capacity);

    /** Where these are; never AUTO. */
    Backend backend();

    /** The backend in a few words for the user, such as {@code vector: 512-bit lanes}. */
    String describe();

    /** Gives the states back. Called once; nothing else is called afterwards. */
    @Override
    void close();
}
