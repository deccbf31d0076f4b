package io.mambaaudio.demo;

import io.mambaaudio.engine.Devices;
import io.mambaaudio.models.Backend;
import io.mambaaudio.models.Mamba;
import io.mambaaudio.models.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
        row("version", Main.VERSION);
        row(
                "JDK",
                Runtime.version() + ", " + System.getProperty("java.vendor") + ", " + System.getProperty("java.home"));
        row("machine", Machine.describe());
        row("heap", Runtime.getRuntime().maxMemory() / (1 << 20) + " MiB at most");
        row("record", devices(Devices.inputs(), DevicesCommand.NO_INPUT));
        row("play", devices(Devices.outputs(), "none; only needed to hear sound, not to transcribe it"));
        row("formats", formats());
        boolean weights = weights();
        row("GPU", gpu());
        return weights ? Main.OK : Main.FAILED;
    }

    private static String devices(List<Devices.Device> devices, String none) {
        return devices.isEmpty()
                ? none
                : devices.size() + ", first: " + devices.getFirst().name();
    }

    private static String formats() {
        boolean more = ModuleLayer.boot().findModule("io.mambaaudio.formats").isPresent();
        return "WAV, AIFF, AU"
                + (more ? ", FLAC, MP3, Ogg/Opus" : "; the module io.mambaaudio.formats adds FLAC, MP3, Ogg/Opus");
    }

    /** Opens the shipped model, which proves file, format and backend at once. */
    private boolean weights() {
        try {
            Path file = ShippedFiles.speechModel();
            long start = System.nanoTime();
            Mamba model = Mamba.open(file);
            double millis = (System.nanoTime() - start) / 1e6;
            row("weights", String.format(Locale.ROOT, "%s, %.1f MB, open in %.0f ms", file, size(file) / 1e6, millis));
            try (Session session = model.open(Backend.AUTO)) {
                row("backend", session.describe());
            }
            return true;
        } catch (RuntimeException e) {
            row("weights", "cannot be used: " + e.getMessage());
            return false;
        }
    }

    private static long size(Path file) {
        return file.toFile().length();
    }

    private static String gpu() {
        boolean driver = Stream.of("/proc/driver/nvidia/version", "/dev/nvidia0", "/dev/dxg")
                .anyMatch(path -> Files.exists(Path.of(path)));
        return driver
                ? "NVIDIA driver found; this version computes on the CPU"
                : "no NVIDIA driver found; not needed, this version computes on the CPU";
    }

    private void row(String what, String found) {
        terminal.out().print(String.format(Locale.ROOT, "%-9s %s%n", what, found));
    }
}
