package io.mambaaudio.server;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.DirectHandler;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsUpgrader;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsCloseException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lets a WebSocket client in who may come in, and makes sure that its end is noticed however it comes. */
final class VoskUpgrader extends WsUpgrader {
    private final Access access;
    private final Services services;

    VoskUpgrader(WsConfig config, Access access, Services services) {
        super(config);
        this.access = access;
        this.services = services;
    }

    @Override
    public @Nullable ServerConnection upgrade(
            ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
        Optional<String> token = prologue.query().first("token").asOptional();
        access.refusal(headers, token).ifPresent(reason -> {
            throw problem(
                    token.isPresent() || access.needsToken() ? Status.UNAUTHORIZED_401 : Status.FORBIDDEN_403, reason);
        });
        ServerConnection connection = super.upgrade(context, prologue, headers);
        return connection == null ? null : new Watched(connection, context);
    }

    @Override
    protected String hash(ConnectionContext context, String key) {
        try {
            return super.hash(context, key);
        } catch (IllegalArgumentException e) {
            throw problem(Status.BAD_REQUEST_400, "Sec-WebSocket-Key is not Base64");
        }
    }

    private static RequestException problem(Status status, String reason) {
        return RequestException.builder()
                .type(DirectHandler.EventType.OTHER)
                .status(status)
                .message(reason)
                .setKeepAlive(false)
                .build();
    }

    private final class Watched implements ServerConnection {
        private final ServerConnection connection;
        private final ConnectionContext context;

        Watched(ServerConnection connection, ConnectionContext context) {
            this.connection = connection;
            this.context = context;
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            try {
                connection.handle(limit);
            } catch (CloseConnectionException e) {
                if (e.getCause() instanceof WsCloseException cause) {
                    services.over(
                            context, cause.closeCode() == WsCloseCodes.TOO_BIG ? Closing.OVERSIZED : Closing.GARBAGE);
                    Link.drain(context.dataReader());
                }
                throw e;
            } finally {
                services.gone(context, Closing.LEFT);
            }
        }

        @Override
        public Duration idleTime() {
            return Duration.ZERO; // the watchman looks after it
        }

        @Override
        public void close(boolean interrupt) {
            connection.close(interrupt);
        }
    }
}
