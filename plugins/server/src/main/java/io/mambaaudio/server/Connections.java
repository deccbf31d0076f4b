package io.mambaaudio.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections, turns those away that are too many, and looks after those of streams. Any thread. */
final class Connections {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();

    Connections(int most) {
        this.most = most;
    }

    int open() {
        return open.get();
    }

    void add(Link link) {
        links.add(link);
    }

    void remove(Link link) {
        links.remove(link);
    }

    /** Once a second, by one thread. */
    void check(Duration stall, Duration idle) {
        links.forEach(link -> link.check(stall, idle));
    }

    /** Says good-bye to all. */
    void closeAll(Closing why, String reason) {
        links.forEach(link -> link.closeSoon(why, reason));
    }

    boolean haveStreams() {
        return !links.isEmpty();
    }

    /** A selector whose connections are counted. */
    ServerConnectionSelector counted(ServerConnectionSelector selector, String tooMany) {
        return new Counted(selector, tooMany);
    }

    private final class Counted implements ServerConnectionSelector {
        private final ServerConnectionSelector selector;
        private final byte[] tooMany;

        Counted(ServerConnectionSelector selector, String tooMany) {
            this.selector = selector;
            this.tooMany = tooMany.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int bytesToIdentifyConnection() {
            return selector.bytesToIdentifyConnection();
        }

        @Override
        public Support supports(BufferData data) {
            return selector.supports(data);
        }

        @Override
        public Set<String> supportedApplicationProtocols() {
            return selector.supportedApplicationProtocols();
        }

        @Override
        public ServerConnection connection(ConnectionContext context) {
            if (open.incrementAndGet() > most) {
                open.decrementAndGet();
                context.dataWriter().writeNow(BufferData.create(tooMany));
                throw new CloseConnectionException("too many connections");
            }
            return new CountedConnection(selector.connection(context));
        }
    }

    private final class CountedConnection implements ServerConnection {
        private final ServerConnection connection;

        CountedConnection(ServerConnection connection) {
            this.connection = connection;
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            try {
                connection.handle(limit);
            } finally {
                open.decrementAndGet();
            }
        }

        @Override
        public Duration idleTime() {
            return connection.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            connection.close(interrupt);
        }
    }
}
