package io.mambaaudio.server;

import io.helidon.common.socket.SocketContext;
import io.helidon.webserver.ConnectionContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What all clients of one server share. Any thread. */
final class Services {
    private final Settings settings;
    private final StreamPool pool;
    private final ParkedStreams parked;
    private final Connections connections;
    private final Metrics metrics;
    private final Map<SocketContext, Client> clients = new ConcurrentHashMap<>();

    private record Client(VoskConnection connection, Link link) {}

    Services(Settings settings, StreamPool pool, ParkedStreams parked, Connections connections, Metrics metrics) {
        this.settings = settings;
        this.pool = pool;
        this.parked = parked;
        this.connections = connections;
        this.metrics = metrics;
    }

    Settings settings() {
        return settings;
    }

    StreamPool pool() {
        return pool;
    }

    ParkedStreams parked() {
        return parked;
    }

    Metrics metrics() {
        return metrics;
    }

    void opened(ConnectionContext context, VoskConnection connection, Link link) {
        clients.put(context, new Client(connection, link));
        connections.add(link);
    }

    /** Helidon does not tell a listener about a connection that broke, so the one that serves it does. */
    void gone(ConnectionContext context, Closing otherwise) {
        Client client = clients.remove(context);
        if (client != null) {
            try {
                client.connection().gone(otherwise);
            } finally {
                connections.remove(client.link()); // a server that stops waits until its stream is parked
            }
        }
    }

    /** The protocol was broken, and the client has been told. */
    void over(ConnectionContext context, Closing why) {
        Client client = clients.get(context);
        if (client != null) {
            client.link().over(why);
        }
    }

    Connections connections() {
        return connections;
    }
}
