package io.mambaaudio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ParameterTest {
    private static String refusal(Runnable code) {
        return assertThrows(IllegalArgumentException.class, code::run).getMessage();
    }

    @Test
    void eachKindTakesItsValuesAndRefusesOthers() {
        Parameter number = new Parameter("gain", "dB", -96, 24, 0);
        number.set(-6.5f);
        assertEquals("gain=-6.5 dB", number.toString());
        assertEquals("gain=25.0 is out of range; choose -96.0 to 24.0", refusal(() -> number.set(25)));
        assertEquals("gain=NaN is out of range; choose -96.0 to 24.0", refusal(() -> number.set(Float.NaN)));
        assertEquals(-6.5f, number.value());

        Parameter whole = Parameter.whole("bars", "", 1, 8, 4);
        whole.set(8);
        assertEquals("bars=8", whole.toString());
        assertEquals("bars=2.5 is not whole; choose a whole number from 1 to 8", refusal(() -> whole.set(2.5f)));

        Parameter onOff = Parameter.onOff("wait", true);
        assertTrue(onOff.isOn());
        onOff.turn(false);
        assertFalse(onOff.isOn());
        assertEquals("wait=off", onOff.toString());

        Parameter choice = Parameter.choice("mode", List.of("soft", "hard"), "soft");
        choice.choose("hard");
        assertEquals("hard", choice.chosen());
        assertEquals(1, choice.value());
        assertEquals("mode=hard", choice.toString());
        assertEquals("mode=loud is no choice; choose one of [soft, hard]", refusal(() -> choice.choose("loud")));
        assertEquals("mode=2.0 is out of range; choose a whole number from 0 to 1", refusal(() -> choice.set(2)));
        assertEquals(
                "gain is a NUMBER and has no choices; ask for its value",
                assertThrows(IllegalStateException.class, number::chosen).getMessage());
    }

    @Test
    void aPresetIsAppliedAsAWholeOrNotAtAll() {
        Gain gain = new Gain();
        gain.gainDb().set(3);
        assertEquals(
                "preset \"bad\" sets \"pitch\", but processor \"gain\" has [gain]",
                assertThrows(EngineException.class, () -> Preset.of("bad", Map.of("gain", 1f, "pitch", 2f))
                                .applyTo(gain))
                        .getMessage());
        assertEquals(
                "preset \"bad\" wants gain=100.0, but processor \"gain\" takes -96.0 to 24.0",
                assertThrows(EngineException.class, () -> Preset.of("bad", Map.of("gain", 100f))
                                .applyTo(gain))
                        .getMessage());
        assertEquals(3, gain.gainDb().value());
        gain.presets().getLast().applyTo(gain);
        assertEquals(6.0206f, gain.gainDb().value());
    }

    @Test
    void aPresetGoesThroughTextAndBack() {
        Gain gain = new Gain();
        gain.gainDb().set(-1.25f);
        Preset preset = Preset.capture("a bit less", gain);
        assertEquals("[a bit less]\ngain = -1.25\n", preset.text());
        assertEquals(preset, Preset.parse(preset.text()));
        assertEquals(preset, Preset.parse("# mine\n\n [a bit less] \n gain=-1.25"));
        assertEquals(
                "preset, line 2 is \"gain\"; write \"parameter = number\"",
                assertThrows(EngineException.class, () -> Preset.parse("[x]\ngain"))
                        .getMessage());
    }
}
