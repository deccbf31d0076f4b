/**
 * Sound to what a model hears, as a stream: {@link io.mambaaudio.dsp.Resampler} brings any rate to the model's,
 * {@link io.mambaaudio.dsp.MelFrontend} turns samples into log-mel frames as a {@link io.mambaaudio.dsp.MelSpec} defines them, and
 * {@link io.mambaaudio.dsp.RealFft} is the transform beneath.
 *
 * <p>What holds for all of them:
 *
 * <ul>
 *   <li><b>Pieces do not matter.</b> Samples come in chunks of any size, and any chunking gives the same bits as the whole. "Nothing
 *       yet" is an ordinary answer.
 *   <li><b>Memory is taken once</b>, in the constructor or factory; after it nothing allocates, locks or logs. An object has its own
 *       work space, so it serves one thread at a time; there is no hidden state shared between objects.
 *   <li><b>Bad samples stay local.</b> A sample that is not finite is silence, and every value of a mel frame is finite whatever came
 *       in.
 *   <li><b>Plain Java.</b> All arithmetic is scalar and in a fixed order, so no width of registers shows in a result. The Vector API
 *       was measured and left: resampling 48 to 16 kHz would take 0.03 % of a core instead of 0.14 %, but half a second instead of
 *       20 ms for the first second of sound, while it is not compiled yet.
 * </ul>
 *
 * <p>Numbers are in double where precision decides (spectra, bands, filter design) and in float at the borders.
 */
package io.mambaaudio.dsp;
