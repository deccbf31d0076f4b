package io.mambaaudio.demo.desktop;

import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import javax.accessibility.AccessibleContext;
import javax.accessibility.AccessibleRole;
import javax.swing.JComponent;

/** A level from nothing to full, with a tick at what should not be passed. */
final class MeterBar extends JComponent {
    private static final int WIDTH = 72;
    private static final int THICK = 6;

    private final double limit;
    private Theme theme;
    private double value;

    /** Makes one that shows nothing; above the limit it turns to the colour of alarm. */
    MeterBar(String name, double limit, Theme theme) {
        this.limit = limit;
        this.theme = theme;
        setPreferredSize(new Dimension(WIDTH, 16));
        setMaximumSize(new Dimension(WIDTH, 16));
        setMinimumSize(new Dimension(24, 16));
        getAccessibleContext().setAccessibleName(name);
    }

    void setTheme(Theme newTheme) {
        theme = newTheme;
        repaint();
    }

    /** Shows a value, 0 to 1. */
    void show(double newValue) {
        double shown = Math.clamp(newValue, 0, 1);
        if (Math.round(shown * WIDTH * 2) != Math.round(value * WIDTH * 2)) {
            repaint();
        }
        value = shown;
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        Graphics2D g = (Graphics2D) graphics.create();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        int y = (getHeight() - THICK) / 2;
        g.setColor(theme.line());
        g.fillRoundRect(0, y, getWidth(), THICK, THICK, THICK);
        g.setColor(value > limit ? theme.alarm() : theme.accent());
        int filled = (int) Math.round(value * getWidth());
        if (filled > 0) {
            g.fillRoundRect(0, y, Math.max(filled, THICK), THICK, THICK, THICK);
        }
        g.dispose();
    }

    @Override
    public AccessibleContext getAccessibleContext() {
        if (accessibleContext == null) {
            accessibleContext = new AccessibleJComponent() {
                @Override
                public AccessibleRole getAccessibleRole() {
                    return AccessibleRole.PROGRESS_BAR;
                }
            };
        }
        return accessibleContext;
    }
}
