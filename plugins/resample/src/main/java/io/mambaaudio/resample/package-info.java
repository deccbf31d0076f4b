/**
 * The engine's resampler where sound changes hands: {@link io.mambaaudio.resample.Resample} in a chain of processors, and
 * {@link io.mambaaudio.resample.SpeechFormatProvider} behind {@code AudioSystem.getAudioInputStream}.
 */
package io.mambaaudio.resample;
