/**
 * Live transcription for many over the network.
 *
 * <p>A connection's sound goes {@code socket -> VoskConnection | WyomingConnection | TranscribeHandler -> LiveStream -> StepScheduler ->
 * Transcriber}, and what was heard goes back the same way. The web server gives every connection a virtual thread, which reads a
 * message, hands its sound to the scheduler, waits until it was heard, and answers; so a client that is not read from is slowed down
 * by TCP itself, and a stream never holds more than one message. The scheduler's few threads, one a core, are the only ones that
 * compute: always the stream whose sound is the most due. Nobody is admitted whom this machine could not serve in time.
 */
package io.mambaaudio.server;
