package io.mambaaudio.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MainTest {
    static Set<String> commands() {
        return new TreeSet<>(Main.commandLine(TestTerminal.piped().terminal())
                .getSubcommands()
                .keySet());
    }

    @Test
    void aloneItSaysWhatItCanDo() {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(0, terminal.run());
        for (String command : commands()) {
            assertTrue(terminal.out().contains("\n  " + command + " "), command);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelpWithAnExample(String command) {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(0, terminal.run(command, "--help"));
        assertTrue(terminal.out().contains("Example"), terminal.out());
        assertTrue(terminal.out().contains("mamba-audio " + command), terminal.out());
    }

    @Test
    void anUnknownCommandIsOneLineAndExitCode2() {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(2, terminal.run("transcrible"));
        assertEquals(
                "mamba-audio: Unmatched argument at index 0: 'transcrible'; see 'mamba-audio --help'\n",
                terminal.err());
    }

    @Test
    void theVersionIsPrinted() {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(0, terminal.run("--version"));
        assertEquals(Main.VERSION + "\n", terminal.out());
    }

    @Test
    void completionIsAScriptThatKnowsTheCommands() {
        TestTerminal terminal = TestTerminal.piped();
        assertEquals(0, terminal.run("completion"));
        assertTrue(terminal.out().contains("complete -F _complete_mamba-audio"), terminal.out());
        commands().forEach(command -> assertTrue(terminal.out().contains(command), command));
    }
}
