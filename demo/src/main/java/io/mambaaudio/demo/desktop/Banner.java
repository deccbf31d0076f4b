package io.mambaaudio.demo.desktop;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Graphics;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;

/** One line about what went wrong or takes long, above the sound, until it is dismissed or something new begins. */
final class Banner extends JPanel {
    private final JLabel text = new JLabel();
    private final JButton dismiss = new JButton("Dismiss");
    private Theme theme;

    Banner(Theme theme) {
        super(new BorderLayout(12, 0));
        this.theme = theme;
        setOpaque(false);
        setBorder(BorderFactory.createEmptyBorder(8, 16, 8, 12));
        text.setName("banner");
        dismiss.setMnemonic('D');
        dismiss.addActionListener(e -> clear());
        dismiss.putClientProperty("JButton.buttonType", "borderless");
        add(text, BorderLayout.CENTER);
        add(dismiss, BorderLayout.EAST);
        setVisible(false);
    }

    void setTheme(Theme newTheme) {
        theme = newTheme;
        repaint();
    }

    /** Shows a line, in place of the one before. */
    void say(String line) {
        if (!line.equals(text.getText()) || !isVisible()) {
            text.setText(line);
            text.setToolTipText(line);
            text.getAccessibleContext().setAccessibleName(line);
            setVisible(true);
            revalidate();
        }
    }

    /** The line, or nothing. */
    String line() {
        return isVisible() ? text.getText() : "";
    }

    void clear() {
        setVisible(false);
    }

    @Override
    protected void paintComponent(Graphics g) {
        Color alarm = theme.alarm();
        g.setColor(new Color(alarm.getRed(), alarm.getGreen(), alarm.getBlue(), 40));
        g.fillRect(0, 0, getWidth(), getHeight());
        g.setColor(alarm);
        g.fillRect(0, 0, 4, getHeight());
    }
}
