package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that should not start does not, and says why in one line. */
@Timeout(60)
final class ServeCommandTest {
    @TempDir
    private Path folder = Path.of("");

    private static void isRefused(String reason, String... options) {
        TestTerminal terminal = TestTerminal.piped();
        String[] args = new String[options.length + 1];
        args[0] = "serve";
        System.arraycopy(options, 0, args, 1, options.length);
        assertEquals(2, terminal.run(args), terminal.err());
        assertTrue(terminal.err().startsWith("mamba-audio: " + reason), terminal.err());
        assertEquals(1, terminal.err().lines().count(), terminal.err());
    }

    @Test
    void openToOthersWithoutTokens() {
        isRefused("host=0.0.0.0 can be reached from other machines", "--host", "0.0.0.0");
    }

    @Test
    void aFileOfTokensWithoutAny() throws IOException {
        Path tokens = Files.writeString(folder.resolve("tokens"), "# none yet\n\n");
        isRefused("--token-file " + tokens + " has no token", "--token-file", tokens.toString());
    }

    @Test
    void halfOfACertificate() {
        isRefused("--tls-cert goes with --tls-key", "--tls-cert", "cert.pem");
    }

    @Test
    void aFolderOfStatesThatIsAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("state"), "");
        isRefused(
                "stateDir=" + file + " can't be used", "--port", "0", "--wyoming-port", "0", "--state-dir", "" + file);
    }

    @Test
    void aPortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            isRefused(
                    "port=" + taken.getLocalPort() + " on 127.0.0.1 can't be had", "--port", "" + taken.getLocalPort());
        }
    }
}
