package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code bom/pom.xml}, which has no parent to keep it in step, is in step all the same. */
final class BomTest {
    /** Tests run in the module's folder. */
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Set<String> APPLICATIONS = Set.of("bom", "demo");

    private static List<String> all(String text, String regex) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    private static String pom(String module) throws IOException {
        return Files.readString(ROOT.resolve(module).resolve("pom.xml"));
    }

    @Test
    void theBomNamesEveryLibraryOfTheBuildAndItsVersion() throws IOException {
        Set<String> libraries = new TreeSet<>();
        for (String module : all(pom(""), "<module>([^<]+)</module>")) {
            if (!APPLICATIONS.contains(module)) {
                libraries.add(
                        all(pom(module), "<artifactId>([^<]+)</artifactId>").get(1)); // the first is the parent's
            }
        }
        String bom = pom("bom");
        Set<String> named = all(bom, "<artifactId>([^<]+)</artifactId>").stream()
                .filter(artifact -> !artifact.equals("mamba-audio-bom"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(libraries, named, "add what is missing to bom/pom.xml");
        assertEquals(
                all(pom(""), "<version>([^<]+)</version>").getFirst(),
                all(bom, "<version>([^<]+)</version>").getFirst());
    }
}
