/**
 * FLAC, MP3 and Ogg/Opus files behind the Java Sound service interfaces. Being on the module path or class path is all that an
 * application does: {@code AudioSystem} and the engine find the three readers by themselves.
 *
 * <p>FLAC is decoded here; for MP3 and Opus the readers hand single frames and packets to a library's decoder. Tags and pictures
 * are skipped, so that memory is bounded by one frame, page or packet whatever a damaged file says.
 */
package io.mambaaudio.formats;
