package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.engine.Processor;
import io.mambaaudio.engine.Processors;
import io.mambaaudio.engine.StreamFormat;
import io.mambaaudio.pretrained.Pretrained;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SpeechPluginTest {
    @Test
    void theEngineFindsItByItsName() {
        assertTrue(Processors.ids().contains("speech"));
        try (Processor plugin = Processors.find("speech")) {
            assertEquals("speech", plugin.id());
            assertEquals(0, plugin.events());
            assertThrows(IllegalStateException.class, plugin::finish);
        }
    }

    @Test
    void itHearsWithTheShippedModelOrSaysThatThereIsNone() {
        boolean shipped = Pretrained.class.getResource("speech/model.safetensors") != null;
        System.out.println("shipped weights: " + shipped);
        List<TranscriptEvent> events = new ArrayList<>();
        try (SpeechPlugin plugin = new SpeechPlugin()) {
            plugin.listener(events::add);
            StreamFormat format = new StreamFormat(48000, 2);
            if (shipped) {
                assertEquals(format, plugin.prepare(format, 480));
                plugin.process(new float[2][480], new float[2][480], 480);
                plugin.finish();
                assertEquals(List.of(), events);
            } else {
                SpeechException e = assertThrows(SpeechException.class, () -> plugin.prepare(format, 480));
                assertTrue(e.getMessage().contains("add mamba-audio-pretrained"), e.getMessage());
            }
        }
    }
}
