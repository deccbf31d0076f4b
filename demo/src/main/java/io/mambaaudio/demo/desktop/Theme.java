package io.mambaaudio.demo.desktop;

import com.formdev.flatlaf.FlatDarkLaf;
import com.formdev.flatlaf.FlatLaf;
import com.formdev.flatlaf.FlatLightLaf;
import com.formdev.flatlaf.fonts.inter.FlatInterFont;
import java.awt.Color;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Light and dark. A theme may be asked from any thread; {@link #install} belongs on the event thread. */
@SuppressWarnings("ImmutableEnumChecker") // a record of numbers, and a table that nobody writes
public enum Theme {
    /** Ink on paper. */
    light(
            new Palette(0xF6F7F9, 0xFFFFFF, 0x1B2130, 0x5D6678, 0x2563C9, 0x2F6FDB, 0xC43D2B, 0xF2B33D, 0xDFE3EA),
            ColourMap.through(0xFFFFFF, 0xE4ECF8, 0xB5CEEE, 0x6FA0DB, 0x3F63B8, 0x36327F, 0x160F38)),
    /** Light on black. */
    dark(
            new Palette(0x14171E, 0x0C0E13, 0xE9ECF2, 0x939CAD, 0x6CA8FF, 0x8DB9FF, 0xFF7A66, 0xD98E2B, 0x262B36),
            ColourMap.through(0x0C0E13, 0x17163A, 0x431C6B, 0x93286E, 0xDB4F55, 0xFBA04B, 0xFDF4C4));

    /** The colours of a theme, 0xRRGGBB. */
    private record Palette(
            int window, int surface, int ink, int muted, int accent, int wave, int alarm, int doubt, int line) {}

    private final Palette palette;
    private final ColourMap spectrum;

    Theme(Palette palette, ColourMap spectrum) {
        this.palette = palette;
        this.spectrum = spectrum;
    }

    /**
     * The theme of a name.
     *
     * @param name in any case
     * @return nothing if there is none
     */
    public static Optional<Theme> named(String name) {
        return Arrays.stream(values())
                .filter(theme -> theme.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** The other one. */
    Theme other() {
        return this == dark ? light : dark;
    }

    /** Makes it the look of all windows, those that are open included. Event thread. */
    void install() {
        System.setProperty(
                "flatlaf.useNativeLibrary", "false"); // its window frames are not used; unpacking it takes time
        FlatInterFont.install();
        FlatLaf.setPreferredFontFamily(FlatInterFont.FAMILY);
        FlatLaf.setPreferredLightFontFamily(FlatInterFont.FAMILY_LIGHT);
        FlatLaf.setPreferredSemiboldFontFamily(FlatInterFont.FAMILY_SEMIBOLD);
        FlatLaf.setGlobalExtraDefaults(Map.ofEntries(
                Map.entry("@background", hex(palette.window)),
                Map.entry("@foreground", hex(palette.ink)),
                Map.entry("@accentColor", hex(palette.accent)),
                Map.entry("TextPane.background", hex(palette.surface)),
                Map.entry("SplitPane.background", hex(palette.window)),
                Map.entry("Component.focusWidth", "1"),
                Map.entry("Component.arc", "8"),
                Map.entry("Button.arc", "8"),
                Map.entry("ScrollBar.thumbArc", "999"),
                Map.entry("ScrollBar.thumbInsets", "2,2,2,2"),
                Map.entry("ScrollBar.showButtons", "false"),
                Map.entry("[style]Button.primary", primaryButton())));
        if (this == dark) {
            FlatDarkLaf.setup();
        } else {
            FlatLightLaf.setup();
        }
        FlatLaf.updateUI();
    }

    private String primaryButton() {
        return "background: $Component.accentColor; borderColor: $Component.accentColor; borderWidth: 0;"
                + " focusedBackground: $Component.accentColor; hoverBorderColor: $Component.accentColor; foreground: "
                + hex(onAccent().getRGB() & 0xFFFFFF);
    }

    private static String hex(int rgb) {
        return String.format(Locale.ROOT, "#%06x", rgb);
    }

    /** Brightness to colour in the spectrogram. */
    ColourMap spectrum() {
        return spectrum;
    }

    /** Behind controls. */
    Color window() {
        return new Color(palette.window);
    }

    /** Behind sound and text. */
    Color surface() {
        return new Color(palette.surface);
    }

    /** Text that is settled. */
    Color ink() {
        return new Color(palette.ink);
    }

    /** Text that is not, labels and hints. */
    Color muted() {
        return new Color(palette.muted);
    }

    /** What can be pressed, what is chosen. */
    Color accent() {
        return new Color(palette.accent);
    }

    /** Text on the accent. */
    Color onAccent() {
        return this == dark ? window() : surface();
    }

    /** The wave. */
    Color wave() {
        return new Color(palette.wave);
    }

    /** What went wrong. */
    Color alarm() {
        return new Color(palette.alarm);
    }

    /** Behind a word that is uncertain. */
    Color doubt() {
        return new Color(palette.doubt);
    }

    /** Between two areas. */
    Color line() {
        return new Color(palette.line);
    }
}
