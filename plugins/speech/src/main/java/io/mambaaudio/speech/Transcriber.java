package io.mambaaudio.speech;

/** A place holder until the transcriber lands. */
public final class Transcriber {
    private Transcriber() {}
}
