package io.mambaaudio.server;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who may come in. With tokens: who has one, as {@code Authorization: Bearer TOKEN} or, since a browser's WebSocket can't send headers,
 * as {@code ?token=TOKEN}. Without, which only a loopback address allows: whoever runs on this machine, but no foreign web page that a
 * browser on this machine happens to show. Immutable.
 */
final class Access {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final int LEAST_TOKEN = 16;
    private static final String BEARER = "Bearer ";

    private final List<byte[]> tokens;

    private Access(List<byte[]> tokens) {
        this.tokens = tokens;
    }

    /** Checks what was configured. */
    static Access of(List<String> tokens, boolean loopback, String host) {
        for (String token : tokens) {
            if (token.length() < LEAST_TOKEN) {
                throw new ServerException("a token has " + token.length() + " characters; use " + LEAST_TOKEN
                        + " or more that nobody can guess");
            }
        }
        if (tokens.isEmpty() && !loopback) {
            throw new ServerException(
                    "host=" + host
                            + " can be reached from other machines, and anyone there could listen in; give a file of tokens, or host 127.0.0.1");
        }
        return new Access(
                tokens.stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList());
    }

    boolean needsToken() {
        return !tokens.isEmpty();
    }

    /**
     * Looks at a request.
     *
     * @param queryToken of the address
     * @return why not
     */
    Optional<String> refusal(Headers headers, Optional<String> queryToken) {
        Optional<String> foreign = foreignPage(headers);
        if (foreign.isPresent() || !needsToken()) {
            return foreign;
        }
        Optional<String> given = header(headers, HeaderNames.AUTHORIZATION)
                .filter(value -> value.startsWith(BEARER))
                .map(value -> value.substring(BEARER.length()))
                .or(() -> queryToken);
        return given.isPresent() && isKnown(given.get())
                ? Optional.empty()
                : Optional.of(
                        given.isEmpty()
                                ? "a token is needed; send Authorization: Bearer TOKEN, or ?token=TOKEN"
                                : "the token is not known; ask whoever runs this server for one");
    }

    private boolean isKnown(String token) {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        boolean known = false;
        for (byte[] one : tokens) {
            known |= MessageDigest.isEqual(one, bytes);
        }
        return known;
    }

    /** A page of another site may send requests here too; its browser says whose page it is, and under what name it reached us. */
    private Optional<String> foreignPage(Headers headers) {
        String host = header(headers, HeaderNames.HOST).orElse("");
        Optional<String> origin = header(headers, HeaderNames.ORIGIN);
        if (origin.isPresent() && !origin.get().replaceFirst("^[a-z]+://", "").equals(host)) {
            return Optional.of("pages of " + printable(origin.get()) + " may not use this server; open its own page");
        }
        if (!needsToken() && !LOOPBACK.contains(host.replaceFirst(":[0-9]+$", ""))) {
            return Optional.of("host " + printable(host) + " is not this server's name; use localhost");
        }
        return Optional.empty();
    }

    private static String printable(String text) {
        String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
        return clean.length() <= 80 ? clean : clean.substring(0, 80) + "...";
    }

    private static Optional<String> header(Headers headers, HeaderName name) {
        return headers.contains(name) ? Optional.of(headers.get(name).get()) : Optional.empty();
    }
}
