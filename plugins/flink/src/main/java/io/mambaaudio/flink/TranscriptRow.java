package io.mambaaudio.flink;

import io.mambaaudio.speech.TranscriptEvent;
import io.mambaaudio.speech.TranscriptEvent.Final;
import io.mambaaudio.speech.TranscriptEvent.Partial;
import io.mambaaudio.speech.TranscriptEvent.Word;
import java.util.List;

/**
 * What was heard in one stream: a partial or a final text. Times are seconds from the start of the stream.
 *
 * @param stream the stream's name
 * @param index number of the row in its stream, from 0: stream and index name a row, and no number is left out
 * @param isFinal whether the utterance is finished; if not, a later row has more or other text of it
 * @param committed the text that will not change any more: for a final all of it
 * @param tentative the rest, which may still change: empty for a final
 * @param startSeconds start of the first word of a final, otherwise the same as atSeconds
 * @param endSeconds end of the last word of a final, otherwise the same as atSeconds
 * @param atSeconds up to where in the stream the sound was heard
 * @param words of a final, with their times
 */
public record TranscriptRow(
        String stream,
        long index,
        boolean isFinal,
        String committed,
        String tentative,
        double startSeconds,
        double endSeconds,
        double atSeconds,
        List<Word> words) {

    /**
     * A row of an event.
     *
     * @param stream the stream's name
     * @param index the row's number
     * @param event what was heard
     * @param offsetSeconds what to add to the event's times
     * @return the row
     */
    static TranscriptRow of(String stream, long index, TranscriptEvent event, double offsetSeconds) {
        double at = event.atSeconds() + offsetSeconds;
        return switch (event) {
            case Partial p ->
                new TranscriptRow(stream, index, false, p.committed(), p.tentative(), at, at, at, List.of());
            case Final f ->
                new TranscriptRow(
                        stream,
                        index,
                        true,
                        f.text(),
                        "",
                        f.startSeconds() + offsetSeconds,
                        f.endSeconds() + offsetSeconds,
                        at,
                        later(f.words(), offsetSeconds));
        };
    }

    private static List<Word> later(List<Word> words, double offset) {
        return words.stream()
                .map(w -> new Word(w.text(), w.startSeconds() + offset, w.endSeconds() + offset, w.confidence()))
                .toList();
    }

    /**
     * The whole text.
     *
     * @return what is committed and what is tentative, joined by a space where both are there
     */
    public String text() {
        return event().text();
    }

    private Partial event() {
        return new Partial(committed, tentative, atSeconds);
    }

    /**
     * The row as an event of the speech module.
     *
     * @return a final or a partial
     */
    public TranscriptEvent toEvent() {
        return isFinal ? new Final(committed, words, startSeconds, endSeconds, atSeconds) : event();
    }
}
