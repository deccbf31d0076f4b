/**
 * Live transcription: sound in, words with times out.
 *
 * <p>The way of a block: {@link io.mambaaudio.speech.Transcriber#process} mixes it down, resamples it, makes mel frames of it and steps
 * the model's session with them. Each row of logits goes to a {@link io.mambaaudio.speech.CtcDecoder}, greedy or a beam search with an
 * {@link io.mambaaudio.speech.NGram} and {@link io.mambaaudio.speech.Hotwords}; an {@link io.mambaaudio.speech.Endpointer} finds where
 * utterances end, {@link io.mambaaudio.speech.GateRules} keep noise from becoming words, and the listener gets
 * {@link io.mambaaudio.speech.TranscriptEvent}s.
 *
 * <p>Everything that has a state has it in a fixed size and never depends on how the sound was cut into blocks. A whole stream can be
 * saved and restored. Users' mistakes are {@link io.mambaaudio.speech.SpeechException}s of one line.
 */
package io.mambaaudio.speech;
