package io.mambaaudio.demo;

import io.mambaaudio.engine.Devices;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Lists the sound devices under the names that {@code --mic} takes. */
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = "List the microphones and loudspeakers, under the names that --mic takes.",
        footer = {"", "Examples:", "  mamba-audio devices", "  mamba-audio transcribe --mic=NAME"})
final class DevicesCommand implements Callable<Integer> {
    static final String NO_INPUT =
            "none: plug in a microphone, or install the system's sound (on Linux: alsa-utils, pipewire)";

    private final Terminal terminal;

    DevicesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        list("record from (--mic=NAME)", Devices.inputs(), NO_INPUT);
        list("play to", Devices.outputs(), "none");
        return Main.OK;
    }

    private void list(String title, List<Devices.Device> devices, String none) {
        terminal.out().print(title + "\n");
        if (devices.isEmpty()) {
            terminal.out().print("  " + none + "\n");
        }
        for (Devices.Device device : devices) {
            terminal.out().print("  " + device.index() + "  " + device.name() + "  (" + device.description() + ")\n");
        }
    }
}
