/**
 * Music that goes on when the player stops: {@link io.mambaaudio.music.MusicModel} is what was trained, immutable and shared;
 * {@link io.mambaaudio.music.Continuer} is the processor that listens, takes over and gives back; what happens it tells as a
 * {@link io.mambaaudio.music.ContinuationEvent}.
 *
 * <p>The way of a frame: the ear (sound to frames to the model's state), and from the moment of taking over the voice (state to a
 * distribution of the next pair of frames, a sample of it, the vocoder, the loudspeaker; and the sample back to the state).
 */
package io.mambaaudio.music;
