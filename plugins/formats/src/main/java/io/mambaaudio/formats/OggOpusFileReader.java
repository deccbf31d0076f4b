package io.mambaaudio.formats;

/** A place holder until the readers land. */
final class OggOpusFileReader {
    private OggOpusFileReader() {}
}
