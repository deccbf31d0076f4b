package io.mambaaudio.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.models.Mamba;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MelMetadataTest {
    @Test
    void everyFieldIsTakenOver() {
        MelSpec expected =
                new MelSpec(16000, 400, 160, 512, 20, 20, 7600, MelSpec.Scale.SLANEY, MelSpec.Norm.NONE, 2, 1e-6f);
        assertEquals(expected, MelMetadata.parse(TinyModel.MEL));
        MelSpec other = MelMetadata.parse(
                TinyModel.MEL.replace("\"slaney\"", "\"htk\"").replace("\"norm\":\"none\"", "\"norm\":\"slaney\""));
        assertEquals(MelSpec.Scale.HTK, other.scale());
        assertEquals(MelSpec.Norm.SLANEY, other.norm());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"n_mels\":20|\"n_mels\":24|checkpoint expects nMels=20, its mel front end gives nMels=24",
                "\"slaney\"|\"bark\"|mel_scale=bark, this front end knows slaney",
                "\"natural\"|\"decibel\"|log=decibel, this front end knows natural",
                "\"hann_periodic\"|\"hamming\"|window=hamming, this front end knows hann_periodic",
                "\"pad\":\"none\"|\"pad\":\"reflect\"|pad=reflect, this front end knows none",
                "\"sample_rate_hz\":16000|\"sample_rate_hz\":\"x\"|sample_rate_hz=x, this front end knows a number",
                "\"hop_samples\":160|\"hop_samples\":160.5|hop_samples=160.5, this front end knows a whole number",
                "\"hop_samples\":160|\"hop_samples\":480|hop_samples=480 is longer than window_samples=400",
                "\"max_hz\":7600.0|\"max_hz\":9000|maxHz=9000.0 is out of range",
                "\"power\":2.0,||power=null, this front end knows a number",
                "{|[|is not a JSON object",
            })
    void aMismatchIsOneLine(String found, String replacement, String message) {
        String mel = TinyModel.MEL.replace(found, replacement == null ? "" : replacement);
        Mamba model = TinyModel.open(1, 0, Map.of("mamba_audio.mel", mel));
        SpeechException e = assertThrows(
                SpeechException.class, () -> Transcriber.builder(model).build());
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertFalse(e.getMessage().contains("\n"));
    }

    @Test
    void theWordNullIsNoMetadata() {
        Mamba model = TinyModel.open(1, 0, Map.of("mamba_audio.mel", "null"));
        SpeechException e = assertThrows(
                SpeechException.class, () -> Transcriber.builder(model).build());
        assertTrue(e.getMessage().contains("is not a JSON object"), e.getMessage());
    }

    @Test
    void aModelWithoutMelOrVocabularyIsRefused() {
        for (String key : new String[] {"mamba_audio.mel", "mamba_audio.vocabulary"}) {
            Mamba model = TinyModel.open(1, 0, Map.of(key, ""));
            SpeechException e = assertThrows(
                    SpeechException.class, () -> Transcriber.builder(model).build());
            assertTrue(e.getMessage().contains("choose a speech checkpoint"), e.getMessage());
        }
    }
}
