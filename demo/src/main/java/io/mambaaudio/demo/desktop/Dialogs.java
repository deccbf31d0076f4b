package io.mambaaudio.demo.desktop;

import io.mambaaudio.speech.TranscriptWriter;
import java.awt.Component;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import javax.swing.JFileChooser;
import javax.swing.JOptionPane;
import javax.swing.SwingWorker;
import javax.swing.filechooser.FileNameExtensionFilter;
import org.jspecify.annotations.Nullable;

/** What the window asks: which sound, which model, where to save. It remembers the folder. Event thread only. */
final class Dialogs {
    private static final FileNameExtensionFilter SOUND = new FileNameExtensionFilter(
            "Sound (WAV, AIFF, AU, FLAC, MP3, Ogg/Opus)",
            "wav",
            "wave",
            "aif",
            "aiff",
            "aifc",
            "au",
            "snd",
            "flac",
            "mp3",
            "ogg",
            "oga",
            "opus");

    private final Component owner;
    private @Nullable Path folder;

    Dialogs(Component owner) {
        this.owner = owner;
    }

    /** Sound files to transcribe; none if the user thought better of it. */
    List<Path> sounds() {
        JFileChooser chooser = chooser("Open sound");
        chooser.setMultiSelectionEnabled(true);
        chooser.setFileFilter(SOUND);
        if (chooser.showOpenDialog(owner) != JFileChooser.APPROVE_OPTION) {
            return List.of();
        }
        remember(chooser);
        return Arrays.stream(chooser.getSelectedFiles()).map(File::toPath).toList();
    }

    /** A model's folder or file. */
    Optional<Path> model() {
        JFileChooser chooser = chooser("Open a speech model");
        chooser.setFileSelectionMode(JFileChooser.FILES_AND_DIRECTORIES);
        chooser.setFileFilter(new FileNameExtensionFilter("Model (safetensors)", "safetensors"));
        if (chooser.showOpenDialog(owner) != JFileChooser.APPROVE_OPTION) {
            return Optional.empty();
        }
        remember(chooser);
        return Optional.of(chooser.getSelectedFile().toPath());
    }

    /** Where to save a text; asks before it overwrites. */
    Optional<Path> target(String source, String ending) {
        JFileChooser chooser = chooser("Save transcript");
        int dot = source.lastIndexOf('.');
        String stem = source.replace(' ', '-').substring(0, dot > 0 ? dot : source.length());
        chooser.setSelectedFile(new File(chooser.getCurrentDirectory(), stem + "." + ending));
        chooser.setFileFilter(new FileNameExtensionFilter(ending, ending));
        if (chooser.showSaveDialog(owner) != JFileChooser.APPROVE_OPTION) {
            return Optional.empty();
        }
        remember(chooser);
        Path chosen = chooser.getSelectedFile().toPath();
        boolean free = !Files.exists(chosen)
                || JOptionPane.showConfirmDialog(
                                owner,
                                chosen.getFileName() + " exists. Replace it?",
                                "Save transcript",
                                JOptionPane.OK_CANCEL_OPTION)
                        == JOptionPane.OK_OPTION;
        return free ? Optional.of(chosen) : Optional.empty();
    }

    private JFileChooser chooser(String title) {
        JFileChooser chooser = new JFileChooser(folder == null ? null : folder.toFile());
        chooser.setDialogTitle(title);
        return chooser;
    }

    private void remember(JFileChooser chooser) {
        folder = chooser.getCurrentDirectory().toPath();
    }

    /** Writes in the background, since a disk may be slow or far; the outcome is one line on the event thread. */
    static void save(
            List<Transcript.Chapter> chapters,
            TranscriptWriter.Format format,
            Path target,
            Consumer<String> saved,
            Consumer<String> complaint) {
        new SwingWorker<Boolean, Void>() {
            @Override
            protected Boolean doInBackground() throws IOException {
                try (PrintStream out = new PrintStream(Files.newOutputStream(target), false, StandardCharsets.UTF_8)) {
                    Transcript.write(chapters, format, out);
                    return !out.checkError();
                }
            }

            @Override
            protected void done() {
                try {
                    if (get()) {
                        saved.accept("Saved " + target);
                    } else {
                        complaint.accept(target + " could not be written whole; is the disk full?");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (ExecutionException e) {
                    complaint.accept(target + " cannot be written; choose another folder");
                }
            }
        }.execute();
    }
}
