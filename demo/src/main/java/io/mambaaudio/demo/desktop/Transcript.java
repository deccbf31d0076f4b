package io.mambaaudio.demo.desktop;

import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Word;
import io.mambaaudio.speech.TranscriptWriter;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** All that was understood since the window opened, take by take. Event thread only. */
final class Transcript {
    private final List<Chapter> chapters = new ArrayList<>();

    /** The finished text of one take, in its own time. */
    static final class Chapter {
        private final String name;
        private final List<Final> finals = new ArrayList<>();
        private final List<Word> words = new ArrayList<>();

        Chapter(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }

        List<Final> finals() {
            return Collections.unmodifiableList(finals);
        }

        /** The words of all {@link #finals}, in the order of time. */
        List<Word> words() {
            return Collections.unmodifiableList(words);
        }
    }

    /** Begins the next take. */
    Chapter begin(String name) {
        if (!chapters.isEmpty() && chapters.getLast().finals.isEmpty()) {
            chapters.removeLast(); // nothing was said in it
        }
        Chapter chapter = new Chapter(name);
        chapters.add(chapter);
        return chapter;
    }

    /** Adds what was understood in the take of the moment. */
    void add(Final said) {
        chapters.getLast().finals.add(said);
        chapters.getLast().words.addAll(said.words());
    }

    List<Chapter> chapters() {
        return Collections.unmodifiableList(chapters);
    }

    boolean isEmpty() {
        return chapters.stream().allMatch(chapter -> chapter.finals.isEmpty());
    }

    /** A copy of what a format can hold: all takes or, for subtitles, the last one with text. */
    List<Chapter> forFormat(TranscriptWriter.Format format) {
        List<Chapter> said =
                chapters.stream().filter(chapter -> !chapter.finals.isEmpty()).toList();
        List<Chapter> chosen = format.holdsManyInputs() || said.isEmpty() ? said : List.of(said.getLast());
        return chosen.stream().map(Transcript::copy).toList();
    }

    private static Chapter copy(Chapter chapter) {
        Chapter copy = new Chapter(chapter.name);
        copy.finals.addAll(chapter.finals);
        copy.words.addAll(chapter.words);
        return copy;
    }

    /** Writes chapters down; any thread, with chapters of {@link #forFormat}. */
    static void write(List<Chapter> chapters, TranscriptWriter.Format format, PrintStream out) {
        TranscriptWriter writer = format.to(out);
        for (Chapter chapter : chapters) {
            writer.begin(chapter.name);
            chapter.finals.forEach(writer::accept);
            writer.end();
        }
    }
}
