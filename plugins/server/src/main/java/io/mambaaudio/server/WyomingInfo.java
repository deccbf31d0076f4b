package io.mambaaudio.server;

import java.util.List;
import java.util.Map;

/** What the server says of itself in the Wyoming protocol. */
final class WyomingInfo {
    private static final Map<String, Object> ATTRIBUTION = Map.of("name", "Mamba Audio", "url", "");

    private WyomingInfo() {}

    /**
     * The data of an info event.
     *
     * @param description of the model, one line
     */
    static Map<String, Object> of(String description) {
        Map<String, Object> model = Map.of(
                "name",
                "mamba-audio-en",
                "attribution",
                ATTRIBUTION,
                "installed",
                true,
                "description",
                description,
                "version",
                "0.1.0",
                "languages",
                List.of("en"));
        Map<String, Object> program = Map.of(
                "name",
                "mamba-audio",
                "attribution",
                ATTRIBUTION,
                "installed",
                true,
                "description",
                "Live transcription with a Mamba model",
                "version",
                "0.1.0",
                "models",
                List.of(model),
                "supports_transcript_streaming",
                true);
        List<Object> none = List.of();
        return Map.of(
                "asr",
                List.of(program),
                "tts",
                none,
                "handle",
                none,
                "intent",
                none,
                "wake",
                none,
                "mic",
                none,
                "snd",
                none);
    }
}
