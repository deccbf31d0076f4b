package io.mambaaudio.server;

import io.helidon.common.tls.Tls;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a server was told, fixed at its start; {@link SpeechServer.Builder} says what each is.
 *
 * @param port of HTTP and WebSocket, 0 for any
 * @param wyomingPort 0 for any, empty for none
 * @param maxStreams empty for as many as this machine can serve in time
 * @param threads that compute
 */
record Settings(
        String host,
        int port,
        OptionalInt wyomingPort,
        OptionalInt maxStreams,
        int maxUploads,
        int threads,
        int maxConnections,
        int maxMessageBytes,
        long maxUploadBytes,
        Duration patience,
        Duration idle,
        Duration stall,
        Duration resume,
        Optional<Tls> tls) {}
