package io.mambaaudio.server;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;

/** Which protocol is spoken at which port: what Helidon is told. */
final class Listeners {
    static final String WYOMING = "wyoming";
    static final String LOOPBACK = "127.0.0.1";
    /** How often somebody looks after the connections. */
    static final Duration TICK = Duration.ofSeconds(1);

    /** Answers are short; with ten thousand clients the system's default would add up. */
    private static final int SEND_BUFFER_BYTES = 1 << 16;

    private static final String BUSY = """
            HTTP/1.1 503 Service Unavailable\r
            Connection: close\r
            Retry-After: 5\r
            Content-Length: 0\r
            \r
            """;

    private final Services services;
    private final Access access;

    Listeners(Services services, Access access) {
        this.services = services;
        this.access = access;
    }

    WebServer start() {
        WsConfig websocket = WsConfig.builder()
                .maxFrameLength(services.settings().maxMessageBytes())
                .build();
        Http1ConnectionSelector http = Http1ConnectionSelector.builder()
                .config(Http1Config.create())
                .addUpgrader(new VoskUpgrader(websocket, access, services))
                .build();
        WebServerConfig.Builder web = WebServer.builder()
                .shutdownHook(false)
                .featuresDiscoverServices(false)
                .protocolsDiscoverServices(false)
                .address(address(services.settings().host()))
                .port(services.settings().port())
                .connectionOptions(sockets())
                .idleConnectionTimeout(services.settings().idle())
                .idleConnectionPeriod(TICK)
                .maxPayloadSize(services.settings().maxUploadBytes())
                .addProtocol(websocket)
                .addConnectionSelector(services.connections().counted(http, BUSY))
                .routing(new HttpApi(access, services).routing())
                .addRouting(WsRouting.builder()
                        .endpoint("/", () -> new VoskConnection(services))
                        .endpoint("/v1/stream", () -> new VoskConnection(services)));
        services.settings().tls().ifPresent(web::tls);
        services.settings().wyomingPort().ifPresent(port -> web.putSocket(WYOMING, wyoming(port)));
        return started(web.build());
    }

    /** The protocol knows neither tokens nor TLS, so it stays on this machine. */
    private ListenerConfig wyoming(int port) {
        String busy = "{\"type\":\"error\",\"data\":{\"text\":\"too many connections\",\"code\":\"refused\"}}\n";
        return ListenerConfig.builder()
                .name(WYOMING)
                .protocolsDiscoverServices(false)
                .address(address(LOOPBACK))
                .port(port)
                .connectionOptions(sockets())
                .addConnectionSelector(services.connections()
                        .counted(
                                WyomingConnection.selector(
                                        services, services.pool().description()),
                                busy))
                .build();
    }

    private SocketOptions sockets() {
        return SocketOptions.builder()
                .socketSendBufferSize(SEND_BUFFER_BYTES)
                .tcpNoDelay(true)
                .build();
    }

    static InetAddress address(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new ServerException(
                    "host=" + host + " is not known; choose 127.0.0.1, or an address of this machine", e);
        }
    }

    private WebServer started(WebServer server) {
        server.start();
        if (!server.isRunning()) {
            throw new ServerException("the server can't be started; see the log");
        }
        return server;
    }

    /** The web server would only log it. */
    static void requireFree(String name, String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(address(host), port));
        } catch (IOException e) {
            throw new ServerException(
                    name + "=" + port + " on " + host + " can't be had (" + e.getMessage() + "); choose another", e);
        }
    }
}
