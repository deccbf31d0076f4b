/** FLAC, MP3 and Ogg/Opus files behind the Java Sound service interfaces. */
package io.mambaaudio.formats;
