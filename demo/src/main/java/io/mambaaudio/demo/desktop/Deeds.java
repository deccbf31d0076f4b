package io.mambaaudio.demo.desktop;

import io.mambaaudio.speech.TranscriptWriter.Format;
import java.awt.event.KeyEvent;
import java.util.List;
import javax.swing.Action;
import javax.swing.JCheckBoxMenuItem;
import javax.swing.JMenu;
import javax.swing.JMenuBar;

/** Everything that the user can do, once; buttons, menus and keys share it. Event thread only. */
final class Deeds {
    private final Deed listen;
    private final Deed open;
    private final Deed sample;
    private final Deed find;
    private final Deed look;
    private final List<Deed> saves;
    private final JCheckBoxMenuItem paced = new JCheckBoxMenuItem("Files at the Pace of Speech");

    Deeds(MainPanel panel) {
        listen = Deed.of("Listen", 'L', panel::listenOrStop)
                .withKey(KeyEvent.VK_L)
                .withHelp("Transcribe what the microphone hears");
        open = Deed.of("Open…", 'O', panel::chooseSounds)
                .withKey(KeyEvent.VK_O)
                .withHelp("Transcribe sound files; they can also be dropped on the window");
        sample = Deed.of("Shipped Recording", 'R', panel::playSample)
                .withKey(KeyEvent.VK_R)
                .withHelp("Transcribe the recording that comes along");
        find = Deed.of("Find Microphones Again", 'F', panel::findMicrophones)
                .withKey(KeyEvent.VK_F)
                .withHelp("Ask the system again which microphones there are");
        look = Deed.of("Light or Dark", 'D', panel::switchTheme)
                .withKey(KeyEvent.VK_D)
                .withHelp("Change between light and dark");
        saves = List.of(
                Deed.of("Text…", 'T', () -> panel.save(Format.text, "txt")).withKey(KeyEvent.VK_S),
                Deed.of("Subtitles, SubRip…", 'S', () -> panel.save(Format.srt, "srt")),
                Deed.of("Subtitles, WebVTT…", 'V', () -> panel.save(Format.vtt, "vtt")),
                Deed.of("Words with Times, JSON…", 'J', () -> panel.save(Format.json, "json")));
        paced.setMnemonic('P');
        paced.setToolTipText("Go through files as if they were heard now, not as fast as possible");
    }

    Deed listen() {
        return listen;
    }

    Deed open() {
        return open;
    }

    Deed sample() {
        return sample;
    }

    Deed look() {
        return look;
    }

    /** A format each. */
    List<Deed> saves() {
        return saves;
    }

    /** Whether files are to go at the pace of speech. */
    boolean paced() {
        return paced.isSelected();
    }

    /** Says what can be done now. */
    void show(Conductor.Phase phase, boolean hasText) {
        boolean idle = phase == Conductor.Phase.IDLE;
        listen.putValue(Action.NAME, idle ? "Listen" : "Stop");
        listen.putValue(
                Action.SHORT_DESCRIPTION,
                idle ? "Transcribe what the microphone hears" : "End it; what was said is still transcribed");
        listen.putValue(Action.MNEMONIC_KEY, idle ? KeyEvent.VK_L : KeyEvent.VK_S);
        listen.setEnabled(phase != Conductor.Phase.STOPPING);
        saves.forEach(save -> save.setEnabled(hasText));
    }

    JMenuBar menus() {
        JMenu file = menu("File", 'F');
        file.add(open);
        file.add(sample);
        file.add(paced);
        file.addSeparator();
        JMenu export = menu("Export", 'E');
        saves.forEach(export::add);
        file.add(export);
        JMenu sound = menu("Sound", 'N');
        sound.add(listen);
        sound.add(find);
        JMenu view = menu("View", 'V');
        view.add(look);
        JMenuBar bar = new JMenuBar();
        bar.add(file);
        bar.add(sound);
        bar.add(view);
        return bar;
    }

    private static JMenu menu(String name, char mnemonic) {
        JMenu menu = new JMenu(name);
        menu.setMnemonic(mnemonic);
        return menu;
    }
}
