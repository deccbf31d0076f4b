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
 *   <li><b>Bad samples stay local.</b> A sample that is not finite is silence. No value that comes out is NaN or infinite.
 *   <li><b>Plain Java.</b> All arithmetic is scalar and in a fixed order, so no width of registers shows in a result. The work is
 *       small (a frame takes about 2 microseconds, resampling 48 to 16 kHz 0.15 % of a core), so the Vector API, which is slow and
 *       allocates until it is compiled, would cost more than it gives.
 * </ul>
 *
 * <p>Numbers are in double where precision decides (spectra, bands, filter design) and in float at the borders.
 */
package io.mambaaudio.dsp;
