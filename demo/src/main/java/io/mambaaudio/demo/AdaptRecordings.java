package io.mambaaudio.demo;

import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.speech.Adaptation.Example;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A user's recordings with their texts: a folder of sound files with a .txt beside each, or a table of file and text. */
final class AdaptRecordings {
    private static final List<String> EXTENSIONS =
            List.of("wav", "flac", "mp3", "ogg", "opus", "oga", "aiff", "aif", "au");
    private static final String HEADER = "file";

    private AdaptRecordings() {}

    /** All of them, read, in the order of their names or of the table. */
    static List<Example> read(Path source) {
        Map<Path, String> texts = Files.isDirectory(source) ? folder(source) : table(source);
        if (texts.isEmpty()) {
            throw new UserError(source
                    + " has no recording with a text; put talk.txt beside talk.wav, or give a table of file and text");
        }
        List<Example> examples = new ArrayList<>();
        texts.forEach((file, text) -> examples.add(example(file, text)));
        return examples;
    }

    private static Map<Path, String> folder(Path folder) {
        Map<Path, String> texts = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path text :
                    files.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
                sound(text).ifPresent(file -> texts.put(file, content(text)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read: " + e.getMessage(), e);
        }
        return texts;
    }

    private static java.util.Optional<Path> sound(Path text) {
        String name = text.getFileName().toString();
        String stem = name.substring(0, name.length() - ".txt".length());
        return EXTENSIONS.stream()
                .flatMap(extension -> Stream.of(extension, extension.toUpperCase(java.util.Locale.ROOT)))
                .map(extension -> text.resolveSibling(stem + "." + extension))
                .filter(Files::exists)
                .findFirst();
    }

    private static Map<Path, String> table(Path table) {
        Map<Path, String> texts = new LinkedHashMap<>();
        int number = 0;
        for (String line : content(table).lines().toList()) {
            number++;
            String[] cells = line.split("\t", -1);
            if (line.isBlank() || (number == 1 && cells[0].equals(HEADER))) {
                continue;
            }
            if (cells.length < 2) {
                throw new UserError(table + " line " + number + ": found no tab, expected FILE<TAB>TEXT");
            }
            if (texts.put(table.resolveSibling(cells[0]), cells[1]) != null) {
                throw new UserError(
                        table + " line " + number + ": " + cells[0] + " is there twice; leave one line out");
            }
        }
        return texts;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).replace("\uFEFF", "").strip();
        } catch (MalformedInputException e) {
            throw new UncheckedIOException(file + " is not UTF-8 text; save it as UTF-8", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read; give a folder or a table of file and text", e);
        }
    }

    private static Example example(Path file, String text) {
        Sound sound = Sound.readAll(AudioInputs.file(file));
        float[][] channels = sound.samples();
        float[] mono = channels[0].clone();
        for (int c = 1; c < channels.length; c++) {
            for (int i = 0; i < mono.length; i++) {
                mono[i] += channels[c][i];
            }
        }
        for (int i = 0; i < mono.length; i++) {
            mono[i] /= channels.length;
        }
        return new Example(file.toString(), mono, sound.sampleRateHz(), text);
    }
}
