package io.mambaaudio.demo.desktop;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A screen for this JVM's windows, before the first of them: Xvfb on a number that is free. The toolkit asks the C library where the
 * screen is, so that is where it is told. Xvfb ends with its last client, which is this JVM.
 */
final class VirtualScreen {
    private VirtualScreen() {}

    /** Makes one; else why there is none. */
    static Optional<String> open() {
        Optional<Path> xvfb = Arrays.stream(
                        System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, "Xvfb"))
                .filter(Files::isExecutable)
                .findFirst();
        if (xvfb.isEmpty()) {
            return Optional.of("no Xvfb on the PATH; install it (Debian: apt-get install xvfb)");
        }
        try {
            Process server = new ProcessBuilder(
                            xvfb.get().toString(),
                            "-displayfd",
                            "1",
                            "-screen",
                            "0",
                            "1400x1000x24",
                            "-nolisten",
                            "tcp",
                            "-terminate")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader says = server.inputReader(StandardCharsets.UTF_8);
            String number = says.readLine();
            if (number == null) {
                return Optional.of("Xvfb does not start");
            }
            setEnvironment("DISPLAY", ":" + number);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("Xvfb does not start: " + e.getMessage());
        }
    }

    @SuppressWarnings("restricted") // the tests of the window are started with --enable-native-access
    private static void setEnvironment(String name, String value) {
        MethodHandle setenv = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().find("setenv").orElseThrow(),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            int failed = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
            if (failed != 0) {
                throw new IllegalStateException("setenv failed");
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
