package io.mambaaudio.demo.desktop;

import java.awt.Dimension;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.BoxLayout;
import javax.swing.Icon;
import javax.swing.JButton;
import javax.swing.JComboBox;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;

/** The upper edge: what to hear, what to hear it with, what to do with the text. In the order of the focus. */
final class ToolRow extends JPanel {
    private static final int GAP = 8;
    private static final int LEAST_CHOICE = 84;

    private final JButton listen;
    private final JButton export = new JButton("Export");
    private final JButton look;
    private final transient Icon record = Icons.record(() -> this.theme.onAccent());
    private final transient Icon stop = Icons.stop(() -> this.theme.onAccent());
    private Theme theme;

    ToolRow(Deeds deeds, Choices choices, Theme theme) {
        this.theme = theme;
        listen = new JButton(deeds.listen());
        look = new JButton(deeds.look());
        setLayout(new BoxLayout(this, BoxLayout.X_AXIS));
        setBorder(BorderFactory.createEmptyBorder(10, 16, 10, 16));
        primary();
        add(listen);
        space();
        add(narrow(choices.microphones(), 190));
        space();
        JButton open = new JButton(deeds.open());
        open.setName("open");
        add(open);
        add(Box.createHorizontalStrut(GAP));
        add(Box.createHorizontalGlue());
        add(narrow(choices.models(), 150));
        space();
        add(narrow(choices.computes(), 130));
        space();
        exporting(deeds);
        add(export);
        space();
        look.setName("look");
        look.setText("");
        look.setMnemonic(0);
        look.setHideActionText(true);
        look.setIcon(Icons.moon(() -> this.theme.ink()));
        look.getAccessibleContext().setAccessibleName("Light or dark");
        add(look);
    }

    private void primary() {
        listen.setName("listen");
        listen.putClientProperty("FlatLaf.styleClass", "primary semibold");
        Dimension size = listen.getPreferredSize();
        listen.setPreferredSize(new Dimension(size.width + 44, size.height));
        listen.setMinimumSize(listen.getPreferredSize());
        listen.setMaximumSize(listen.getPreferredSize());
    }

    private void exporting(Deeds deeds) {
        JPopupMenu menu = new JPopupMenu();
        deeds.saves().forEach(menu::add);
        export.setName("export");
        export.setMnemonic('E');
        export.setToolTipText("Save the text");
        export.addActionListener(e -> menu.show(export, 0, export.getHeight() + 2));
    }

    private void space() {
        add(Box.createHorizontalStrut(GAP));
    }

    private static JComboBox<?> narrow(JComboBox<?> box, int width) {
        int height = box.getPreferredSize().height;
        box.setPreferredSize(new Dimension(width, height));
        box.setMaximumSize(new Dimension(width, height));
        box.setMinimumSize(new Dimension(LEAST_CHOICE, height));
        return box;
    }

    void setTheme(Theme newTheme) {
        theme = newTheme;
        repaint();
    }

    /** The main button does the other thing while something goes on. */
    void show(Conductor.Phase phase) {
        boolean idle = phase == Conductor.Phase.IDLE;
        listen.setIcon(idle ? record : stop);
    }
}
