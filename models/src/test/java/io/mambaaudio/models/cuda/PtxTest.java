package io.mambaaudio.models.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PtxTest {
    private static final Path SOURCES = Path.of("src/main/cuda");

    @ParameterizedTest
    @ValueSource(strings = {"step", "stream", "batch", "scan"})
    void thePtxBelongsToItsSource(String name) throws IOException, NoSuchAlgorithmException {
        String expected = "// sources sha256 " + digest(name);
        String ptx = Ptx.text(name + ".ptx.gz");
        assertEquals(
                expected,
                ptx.lines().findFirst().orElse(""),
                name + " was changed; run models/src/main/cuda/build-ptx");
        assertTrue(ptx.contains(".target sm_80"), "it runs from Ampere on");
    }

    /** As build-ptx makes it: the kernel file, the headers in the order of their names, the options. */
    private static String digest(String name) throws IOException, NoSuchAlgorithmException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(Files.readAllBytes(SOURCES.resolve(name + ".cu")));
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path header :
                    files.filter(f -> f.toString().endsWith(".cuh")).sorted().toList()) {
                sha.update(Files.readAllBytes(header));
            }
        }
        Matcher options = Pattern.compile("OPTIONS = \\[(.*)]").matcher(Files.readString(SOURCES.resolve("build-ptx")));
        assertTrue(options.find());
        String joined = options.group(1).replace("\"", "").replace(", ", " ");
        sha.update(joined.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(sha.digest());
    }
}
