/**
 * The engine as a device of <a href="https://docs.oracle.com/en/java/javase/25/docs/api/java.desktop/javax/sound/sampled/package-summary.html">Java
 * Sound</a>: with this module on the class path or module path any Java Sound program sees the mixer "Mamba Transcriber", and what it
 * plays there becomes text. The program needs no change and no import of ours.
 *
 * <p>A program that lets the system choose is told by Java Sound's own property,
 * {@code -Djavax.sound.sampled.SourceDataLine=#Mamba Transcriber}. (On the class path Java Sound asks added providers before its own,
 * so where no device of the system mixes several lines, it may choose this one by itself; name another device there to prevent it.)
 *
 * <p>Where the text goes, and how, is said by system properties that are read when a line opens:
 *
 * <ul>
 *   <li>{@value io.mambaaudio.javasound.Settings#TEXT}: a file that finished utterances are added to. Its ending chooses the form:
 *       {@code .json}, {@code .srt}, {@code .vtt}, {@code .tsv}, else plain text, a line an utterance.
 *   <li>{@value io.mambaaudio.javasound.Settings#MODEL}: a checkpoint to use instead of the shipped one.
 *   <li>{@value io.mambaaudio.javasound.Settings#PACE}: {@code real-time}, the default, takes sound as fast as a loudspeaker does;
 *       {@code none} as fast as it can be transcribed, for programs that play files.
 * </ul>
 *
 * <p>An application that wants the events themselves provides a {@link io.mambaaudio.javasound.TranscriptReceiver}. Without a file and a
 * receiver finished utterances go to {@link System.Logger}, at level INFO, under the name of this package.
 */
package io.mambaaudio.javasound;
