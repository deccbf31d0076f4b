package io.mambaaudio.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A WebSocket client that can also misbehave: it sends what it is told to, reads when it is told to, and can vanish. Loopback only. */
final class WsClient implements AutoCloseable {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;

    /** The server has closed the connection, with a code and a reason; 1006 without. */
    static final class Closed extends IOException {
        private static final long serialVersionUID = 1L;

        private final int code;

        Closed(int code, String reason) {
            super(reason);
            this.code = code;
        }

        int code() {
            return code;
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }

    WsClient(int port) throws IOException {
        this(port, "/", Map.of());
    }

    /** Shakes hands; throws {@link Closed} with the HTTP status as code if the server does not want to. */
    WsClient(int port, String path, Map<String, String> headers) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost:" + port
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        headers.forEach(
                (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
        out.write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        String status = line();
        if (!status.contains(" 101 ")) {
            socket.close();
            throw new Closed(Integer.parseInt(status.split(" ", -1)[1]), status);
        }
        while (!line().isEmpty()) {
            // headers of no interest
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new Closed(1006, "closed in the handshake");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    void text(String text) throws IOException {
        frame(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
    }

    void binary(byte[] bytes) throws IOException {
        frame(BINARY, true, bytes);
    }

    void frame(int opcode, boolean last, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
        frame.put((byte) ((last ? 0x80 : 0) | opcode));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        byte[] mask = {0x12, 0x34, 0x56, 0x78};
        frame.put(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ mask[i % 4]));
        }
        raw(frame.array(), frame.position());
    }

    /** Bytes that need not be a frame. */
    void raw(byte[] bytes, int count) throws IOException {
        out.write(bytes, 0, count);
        out.flush();
    }

    /** The next text message. */
    String receive() throws IOException {
        while (true) {
            int first = read();
            int length = read() & 0x7f;
            long size = length < 126 ? length : length == 126 ? in.readUnsignedShort() : in.readLong();
            byte[] payload = in.readNBytes((int) size);
            switch (first & 0xf) {
                case TEXT -> {
                    return new String(payload, StandardCharsets.UTF_8);
                }
                case PING -> frame(PONG, true, payload);
                case CLOSE -> {
                    int code = ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
                    throw new Closed(code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
                }
                default -> throw new IOException("opcode " + (first & 0xf));
            }
        }
    }

    private int read() throws IOException {
        try {
            return in.readUnsignedByte();
        } catch (EOFException e) {
            throw new Closed(1006, "closed without a reason");
        }
    }

    /** Reads to the end, for the reason of it. */
    Closed closed() throws IOException {
        while (true) {
            try {
                var _ = receive();
            } catch (Closed e) {
                return e;
            }
        }
    }

    /** Vanishes without a word, as a process does that is killed. */
    void vanish() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
