package io.mambaaudio.demo.desktop;

import java.awt.GraphicsEnvironment;
import java.awt.Toolkit;
import java.awt.event.ActionEvent;
import java.awt.event.InputEvent;
import java.awt.event.KeyEvent;
import javax.swing.AbstractAction;
import javax.swing.Action;
import javax.swing.KeyStroke;

/** Something that the user can do, the same from a button, a menu and the keyboard. */
final class Deed extends AbstractAction {
    private final transient Runnable what;

    private Deed(String name, int mnemonic, Runnable what) {
        super(name);
        this.what = what;
        putValue(Action.MNEMONIC_KEY, mnemonic);
    }

    /** With the letter of its name that the keyboard reaches it by. */
    static Deed of(String name, char mnemonic, Runnable what) {
        return new Deed(name, KeyEvent.getExtendedKeyCodeForChar(mnemonic), what);
    }

    /** Also by the system's menu key (Ctrl, or Command) and another. */
    Deed withKey(int keyCode) {
        int menuKey = GraphicsEnvironment.isHeadless()
                ? InputEvent.CTRL_DOWN_MASK
                : Toolkit.getDefaultToolkit().getMenuShortcutKeyMaskEx();
        putValue(Action.ACCELERATOR_KEY, KeyStroke.getKeyStroke(keyCode, menuKey));
        return this;
    }

    /** What it does, in a sentence. */
    Deed withHelp(String help) {
        putValue(Action.SHORT_DESCRIPTION, help);
        return this;
    }

    @Override
    public void actionPerformed(ActionEvent e) {
        what.run();
    }
}
