package io.mambaaudio.demo.desktop;

import java.awt.event.ActionEvent;
import java.awt.event.FocusEvent;
import java.awt.event.FocusListener;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.awt.event.MouseWheelEvent;
import java.util.function.DoubleSupplier;
import javax.swing.AbstractAction;
import javax.swing.JComponent;
import javax.swing.KeyStroke;

/** How a {@link ScopeView} is looked around in: wheel, dragging, arrow keys, Page Up and Down, Home and End. */
final class ScopeMoves {
    private static final double STEP_SECONDS = 0.5;
    private static final double FAR_SECONDS = 1e9;

    private final ScopeView view;

    ScopeMoves(ScopeView view) {
        this.view = view;
    }

    void install() {
        key("LEFT", () -> -STEP_SECONDS);
        key("RIGHT", () -> STEP_SECONDS);
        key("PAGE_UP", () -> -0.8 * view.shownSeconds());
        key("PAGE_DOWN", () -> 0.8 * view.shownSeconds());
        key("HOME", () -> -FAR_SECONDS);
        key("END", () -> FAR_SECONDS);
        Mouse mouse = new Mouse();
        view.addMouseListener(mouse);
        view.addMouseMotionListener(mouse);
        view.addMouseWheelListener(mouse);
        view.addFocusListener(new FocusListener() {
            @Override
            public void focusGained(FocusEvent e) {
                view.repaint();
            }

            @Override
            public void focusLost(FocusEvent e) {
                view.repaint();
            }
        });
    }

    private void key(String name, DoubleSupplier seconds) {
        view.getInputMap(JComponent.WHEN_FOCUSED).put(KeyStroke.getKeyStroke(name), name);
        view.getActionMap().put(name, new AbstractAction() {
            @Override
            public void actionPerformed(ActionEvent e) {
                view.move(seconds.getAsDouble());
            }
        });
    }

    private final class Mouse extends MouseAdapter {
        private int lastX;

        @Override
        public void mousePressed(MouseEvent e) {
            view.requestFocusInWindow();
            lastX = e.getX();
        }

        @Override
        public void mouseDragged(MouseEvent e) {
            view.move((lastX - e.getX()) * view.shownSeconds() / view.getWidth());
            lastX = e.getX();
        }

        @Override
        public void mouseWheelMoved(MouseWheelEvent e) {
            view.move(e.getPreciseWheelRotation() * STEP_SECONDS);
        }
    }
}
