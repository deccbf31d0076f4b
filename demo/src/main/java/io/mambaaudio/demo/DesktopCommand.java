package io.mambaaudio.demo;

import io.mambaaudio.demo.desktop.Desktop;
import io.mambaaudio.demo.desktop.Setup;
import io.mambaaudio.demo.desktop.Theme;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Opens the window. */
@Command(
        name = "desktop",
        mixinStandardHelpOptions = true,
        description = {
            "Open a window: the sound as it comes, the text as it settles, microphone, files by drag and drop,",
            "export to text and subtitles."
        },
        footer = {
            "",
            "Examples:",
            "  mamba-audio desktop",
            "  mamba-audio desktop talk.flac",
            "  mamba-audio desktop --theme dark --hotwords names.txt"
        })
final class DesktopCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private SpeechOptions speech = new SpeechOptions();

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "Sound files to transcribe at once.")
    private List<Path> files = List.of();

    @Option(
            names = "--theme",
            defaultValue = "light",
            paramLabel = "NAME",
            description = "light or dark. Default: ${DEFAULT-VALUE}.")
    private String theme = "light";

    DesktopCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** All in one method: picocli looks at the types of fields and of methods, and would load those of the window. */
    @Override
    public Integer call() throws InterruptedException {
        Theme look = Theme.named(theme)
                .orElseThrow(() -> new UserError("--theme " + theme + " is not known; choose light or dark"));
        Setup setup = new Setup(
                speech.modelPath(),
                speech.isShipped(),
                speech.backend(),
                speech.recogniser(),
                Sound::sample,
                files,
                look);
        Optional<String> noWindow = Desktop.run(setup);
        noWindow.ifPresent(terminal::complain);
        return noWindow.isPresent() ? Main.MISTAKE : Main.OK;
    }
}
