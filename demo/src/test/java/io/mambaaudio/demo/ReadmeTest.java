package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README says what is so. */
final class ReadmeTest {
    /** Tests run in the module's folder. */
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Path EXAMPLE = ROOT.resolve("demo/src/test/java/io/mambaaudio/example/Dictation.java");

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }

    @Test
    void theExampleIsTheClassThatIsCompiledHere() throws IOException {
        String source = Files.readString(EXAMPLE);
        String shown = source.substring(source.indexOf("import"));
        assertTrue(readme().contains("```java\n" + shown + "```\n"), "README.md shows another example than " + EXAMPLE);
    }

    @Test
    void everyLinkIntoTheTreeLeadsSomewhere() throws IOException {
        List<String> links = Pattern.compile("\\]\\(([^)#]+)\\)")
                .matcher(readme())
                .results()
                .map((MatchResult link) -> link.group(1))
                .filter(link -> !link.startsWith("http"))
                .toList();
        assertTrue(links.size() > 15, "found only " + links);
        assertEquals(
                List.of(),
                links.stream().filter(link -> !Files.exists(ROOT.resolve(link))).toList());
    }

    @Test
    void everyCommandIsNamed() throws IOException {
        String readme = readme();
        for (String command : Main.commandLine(TestTerminal.piped().terminal())
                .getSubcommands()
                .keySet()) {
            assertTrue(readme.contains("`" + command + "`"), command);
        }
    }
}
