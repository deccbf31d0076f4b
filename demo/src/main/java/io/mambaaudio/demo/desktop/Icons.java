package io.mambaaudio.demo.desktop;

import java.awt.Color;
import java.awt.Component;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.RoundRectangle2D;
import java.util.function.Supplier;
import javax.swing.Icon;

/** The few shapes on our buttons, sharp at any scale and in the colour of the moment. */
final class Icons {
    private static final int SIZE = 14;

    private Icons() {}

    /** Record: a disc. */
    static Icon record(Supplier<Color> colour) {
        return new Shape(colour, new Ellipse2D.Double(2, 2, 10, 10));
    }

    /** Stop: a square. */
    static Icon stop(Supplier<Color> colour) {
        return new Shape(colour, new RoundRectangle2D.Double(2.5, 2.5, 9, 9, 3, 3));
    }

    /** Light or dark: a crescent. */
    static Icon moon(Supplier<Color> colour) {
        Area crescent = new Area(new Ellipse2D.Double(1, 1, 12, 12));
        crescent.subtract(new Area(new Ellipse2D.Double(5, -1.5, 11, 11)));
        return new Shape(colour, crescent);
    }

    private record Shape(Supplier<Color> colour, java.awt.Shape outline) implements Icon {
        @Override
        public void paintIcon(Component c, Graphics graphics, int x, int y) {
            Graphics2D g = (Graphics2D) graphics.create();
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.translate(x, y);
            g.setColor(c.isEnabled() ? colour.get() : c.getForeground());
            g.fill(outline);
            g.dispose();
        }

        @Override
        public int getIconWidth() {
            return SIZE;
        }

        @Override
        public int getIconHeight() {
            return SIZE;
        }
    }
}
