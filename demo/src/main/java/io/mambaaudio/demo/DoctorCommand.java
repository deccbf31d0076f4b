package io.mambaaudio.demo;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Looks at what the engine needs from this machine and says what to do where something is missing. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Look at this machine: JDK, CPU, sound devices, file formats, weights, GPU.",
        footer = {"", "Example:", "  mamba-audio doctor"})
final class DoctorCommand implements Callable<Integer> {
    private final Terminal terminal;

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        row(
                "JDK",
                Runtime.version() + ", " + System.getProperty("java.vendor") + ", " + System.getProperty("java.home"));
        return Main.OK;
    }

    private void row(String what, String found) {
        terminal.out().printf("%-10s %s%n", what, found);
    }
}
