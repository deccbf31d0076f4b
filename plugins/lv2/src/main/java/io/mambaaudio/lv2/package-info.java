/**
 * Transcription for hosts of LV2 plugins. The audio thread of the host runs C alone (in {@code src/main/c}) and hands the sound over
 * through {@link io.mambaaudio.lv2.SharedMemory memory that both sides see}; an engine a stream takes it from there. The native half
 * calls {@link io.mambaaudio.lv2.SpeechHost} and {@link io.mambaaudio.lv2.SpeechInstance}, always on one thread that belongs to it.
 */
@NullMarked
package io.mambaaudio.lv2;

import org.jspecify.annotations.NullMarked;
