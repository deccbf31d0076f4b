package io.mambaaudio.demo.desktop;

import java.awt.Color;
import java.awt.Component;
import java.awt.Dimension;
import java.util.Locale;
import java.util.OptionalDouble;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.BoxLayout;
import javax.swing.JLabel;
import javax.swing.JPanel;

/** The lower edge: what is going on at the left, how well it goes at the right. */
final class StatusRow extends JPanel {
    /** Softer sound than that is an empty meter. */
    private static final double SOFTEST_DB = -60;
    /** Nearer to full scale than 1 dB, sound is about to be cut off. */
    private static final double LOUDEST = 1 + 1 / SOFTEST_DB;

    private final JLabel state = new JLabel("Ready");
    private final JLabel word = new JLabel();
    private final MeterBar level;
    private final MeterBar load;
    private final JLabel loadText = number("100 %");
    private final JLabel delayText = number("1,000 ms");
    private final JLabel speedText = number("1000 × real time");
    private final JLabel delayName = name("Delay");
    private final JLabel lost = new JLabel();
    private Theme theme;

    StatusRow(Theme theme) {
        this.theme = theme;
        level = new MeterBar("Level of the sound", LOUDEST, theme);
        load = new MeterBar("Load of one core", 0.8, theme);
        setLayout(new BoxLayout(this, BoxLayout.X_AXIS));
        setBorder(BorderFactory.createEmptyBorder(7, 16, 8, 16));
        state.setName("state");
        word.setName("word");
        state.setMinimumSize(new Dimension(60, 1));
        word.setMinimumSize(new Dimension(0, 1));
        add(state);
        add(Box.createHorizontalStrut(16));
        add(word);
        add(Box.createHorizontalGlue());
        add(lost);
        add(Box.createHorizontalStrut(16));
        add(name("Level"));
        add(level);
        add(Box.createHorizontalStrut(16));
        add(name("Load"));
        add(load);
        add(Box.createHorizontalStrut(6));
        add(loadText);
        add(Box.createHorizontalStrut(16));
        add(delayName);
        add(delayText);
        add(speedText);
        delayText.setToolTipText("From a sound to its text, the model's look-ahead included");
        loadText.setToolTipText("Time that one core works for this sound");
        clear();
        colour();
    }

    private static JLabel name(String text) {
        JLabel label = new JLabel(text);
        label.setBorder(BorderFactory.createEmptyBorder(0, 0, 0, 8));
        return label;
    }

    /** A label whose width does not dance with its digits. */
    private static JLabel number(String widest) {
        JLabel label = new JLabel(widest, JLabel.RIGHT);
        label.setPreferredSize(label.getPreferredSize());
        label.setMinimumSize(label.getPreferredSize());
        label.setText("");
        return label;
    }

    void setTheme(Theme newTheme) {
        theme = newTheme;
        level.setTheme(newTheme);
        load.setTheme(newTheme);
        colour();
    }

    private void colour() {
        Color muted = theme.muted();
        for (Component each : getComponents()) {
            if (each instanceof JLabel label) {
                label.setForeground(muted);
            }
        }
        state.setForeground(theme.ink());
        lost.setForeground(theme.alarm());
    }

    /** What is going on. */
    void say(String line) {
        state.setText(line);
    }

    /** What the user points to. */
    void sayWord(String line) {
        word.setText(line);
    }

    /** No numbers. */
    void clear() {
        level.show(0);
        load.show(0);
        loadText.setText("");
        delayName.setVisible(false);
        delayText.setVisible(false);
        speedText.setVisible(false);
        lost.setText("");
    }

    /** The level alone, which changes often. */
    void showLevel(float peak) {
        level.show(peak <= 0 ? 0 : 1 - 20 * Math.log10(peak) / SOFTEST_DB);
    }

    /** The numbers of the moment. */
    void show(Pulse pulse, boolean realTime) {
        load.show(pulse.load());
        loadText.setText(String.format(Locale.ROOT, "%.0f %%", 100 * pulse.load()));
        OptionalDouble delay =
                Double.isNaN(pulse.delayMillis()) ? OptionalDouble.empty() : OptionalDouble.of(pulse.delayMillis());
        delayName.setVisible(realTime && delay.isPresent());
        delayText.setVisible(realTime && delay.isPresent());
        delay.ifPresent(millis -> delayText.setText(String.format(Locale.ROOT, "%,.0f ms", millis)));
        showSpeed(pulse.speed(), realTime);
        lost.setText(pulse.lostSeconds() > 0 ? String.format(Locale.ROOT, "%.1f s lost", pulse.lostSeconds()) : "");
    }

    /** How fast a file goes, or went. */
    void showSpeed(double speed, boolean realTime) {
        speedText.setVisible(!realTime);
        speedText.setText(String.format(Locale.ROOT, "%.0f × real time", speed));
    }
}
