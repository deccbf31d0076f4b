// SPDX-License-Identifier: GPL-3.0-only
/**
 * The bridge between this engine and <a href="https://github.com/JorenSix/TarsosDSP">TarsosDSP</a>, in both directions:
 *
 * <ul>
 *   <li>{@link io.mambaaudio.tarsosdsp.MelFrameProcessor}: our log-mel frames from a TarsosDSP dispatcher;
 *   <li>{@link io.mambaaudio.tarsosdsp.EngineProcessor}: any processor of ours, a transcriber for one, in a TarsosDSP dispatcher;
 *   <li>{@link io.mambaaudio.tarsosdsp.TarsosProcessor}: any TarsosDSP processor in our engine, some of them ready-made in
 *       {@link io.mambaaudio.tarsosdsp.TarsosEffects};
 *   <li>{@link io.mambaaudio.tarsosdsp.TarsosAnalysis}: its detectors, with pitches and onsets as events;
 *   <li>{@link io.mambaaudio.tarsosdsp.TarsosTimeStretch}: faster or slower at the same pitch.
 * </ul>
 *
 * <p>What differs between the two worlds, and what the bridge makes of it:
 *
 * <ul>
 *   <li><b>Overlap.</b> A dispatcher's buffer may begin with samples that were in the buffer before. Ours take every sample once, so
 *       only those from {@code AudioEvent.getOverlap()} on are handed over.
 *   <li><b>Buffer size.</b> A TarsosDSP processor is often made for one buffer size; our blocks may have any. {@code TarsosProcessor}
 *       collects, and says how late its output is.
 *   <li><b>The end.</b> By default a dispatcher fills its last buffer with zeros, and these count as sound. Call
 *       {@code setZeroPadLastBuffer(false)} where the exact length matters.
 *   <li><b>Channels.</b> TarsosDSP is at home in mono. The bridge takes mono dispatchers, and gives each channel of our engine a
 *       TarsosDSP processor of its own.
 * </ul>
 *
 * <p>TarsosDSP is under the GPL, version 3, and so is this package and what links it; the rest of the house is not.
 */
package io.mambaaudio.tarsosdsp;
