import org.jspecify.annotations.NullMarked;

/** Live transcription for many over the network: WebSocket, Wyoming and HTTP clients share one model. */
@NullMarked
module io.mambaaudio.server {
    requires io.helidon.common.pki;
    requires io.helidon.webserver;
    requires io.helidon.webserver.websocket;
    requires transitive io.mambaaudio.speech;
    requires static org.jspecify;
    requires tools.jackson.jr.ob;

    exports io.mambaaudio.server;
}
