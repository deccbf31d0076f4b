package io.mambaaudio.demo.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.models.Backend;
import io.mambaaudio.pretrained.Pretrained;
import io.mambaaudio.speech.Transcriber;
import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.awt.datatransfer.DataFlavor;
import java.awt.datatransfer.Transferable;
import java.awt.event.KeyEvent;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.swing.AbstractButton;
import javax.swing.JComboBox;
import javax.swing.JFrame;
import javax.swing.JMenuItem;
import javax.swing.TransferHandler;
import org.assertj.swing.core.BasicRobot;
import org.assertj.swing.core.Robot;
import org.assertj.swing.edt.FailOnThreadViolationRepaintManager;
import org.assertj.swing.edt.GuiActionRunner;
import org.assertj.swing.fixture.FrameFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real window on a virtual screen, used as people use it: mouse, keyboard, files. */
@Tag("screen") // runs in a JVM that may have one, see pom.xml
@Timeout(180)
final class MainWindowTest {
    private static final long PATIENCE_NANOS = 90_000_000_000L;

    @TempDir
    private static Path folder;

    private static Optional<String> noScreen = Optional.empty();

    private final CountDownLatch closed = new CountDownLatch(1);
    private Robot robot;
    private FrameFixture window;

    @BeforeAll
    static void findAScreen() {
        noScreen = GraphicsEnvironment.isHeadless()
                ? Optional.of("this JVM was started with java.awt.headless=true")
                : VirtualScreen.open();
        if (noScreen.isEmpty()) {
            FailOnThreadViolationRepaintManager.install(); // painting outside the event thread fails a test
        }
    }

    @BeforeEach
    void open() {
        assumeTrue(noScreen.isEmpty(), () -> "skipped, there is no screen: " + noScreen.orElse(""));
        Setup setup = new Setup(
                Pretrained.SPEECH.file(folder),
                true,
                Backend.AUTO,
                Transcriber::builder,
                () -> AudioInputs.stream("sample", Samples.open()),
                List.of(),
                Theme.light);
        robot = BasicRobot.robotWithNewAwtHierarchy();
        JFrame frame = GuiActionRunner.execute(() -> Desktop.open(setup, closed));
        window = new FrameFixture(robot, frame);
        window.focus();
    }

    @AfterEach
    void close() {
        if (noScreen.isEmpty()) {
            robot.cleanUp();
        }
    }

    private MainPanel panel() {
        return (MainPanel) window.targetCastedTo(JFrame.class).getContentPane();
    }

    private static void waitFor(String what, BooleanSupplier condition) throws Exception {
        long start = System.nanoTime();
        while (!onEdt(condition::getAsBoolean)) {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, what);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static <T> T onEdt(Callable<T> question) throws Exception {
        FutureTask<T> task = new FutureTask<>(question);
        EventQueue.invokeLater(task);
        return task.get(60, TimeUnit.SECONDS);
    }

    private String transcript() throws Exception {
        return onEdt(() -> panel().text().getText());
    }

    private void awaitEnd() throws Exception {
        waitFor("the take does not end", () -> panel().conductor().phase() == Conductor.Phase.IDLE);
    }

    @Test
    void theShippedRecordingIsTranscribedFromTheMenuAndSaved() throws Exception {
        window.menuItemWithPath("File", "Shipped Recording").click();
        waitFor("no text", () -> panel().text().getText().contains("rubout"));
        awaitEnd();
        assertTrue(transcript().startsWith("Shipped recording\nrubout"), transcript());
        assertEquals("", onEdt(() -> panel().banner().line()));
        Path target = folder.resolve("saved.srt");
        window.button("export").click();
        window.menuItem(itemNamed("Subtitles, SubRip…")).click();
        window.fileChooser().fileNameTextBox().setText(target.toString());
        window.fileChooser().approve();
        waitFor("not saved", () -> Files.exists(target) && target.toFile().length() > 20);
        assertTrue(Files.readString(target).startsWith("1\n00:00:0"), Files.readString(target));
    }

    private static org.assertj.swing.core.GenericTypeMatcher<JMenuItem> itemNamed(String name) {
        return new org.assertj.swing.core.GenericTypeMatcher<>(JMenuItem.class, true) {
            @Override
            protected boolean isMatching(JMenuItem item) {
                return name.equals(item.getText());
            }
        };
    }

    @Test
    void aMachineWithoutMicrophoneSaysSoInOneLine() throws Exception {
        waitFor("devices", () -> panel().choices().microphones().getItemCount() > 0);
        assumeTrue(io.mambaaudio.engine.Devices.inputs().isEmpty(), "skipped, this machine has a microphone");
        window.button("listen").click();
        waitFor("no line", () -> panel().banner().line().contains("no recording device"));
        assertFalse(onEdt(() -> panel().banner().line()).contains("Exception"));
        awaitEnd();
        assertEquals("Listen", window.button("listen").text());
        robot.pressKey(KeyEvent.VK_ALT);
        robot.pressAndReleaseKeys(KeyEvent.VK_D);
        robot.releaseKey(KeyEvent.VK_ALT);
        waitFor("it can be dismissed", () -> panel().banner().line().isEmpty());
    }

    @Test
    void aFileThatIsDroppedIsTranscribedAndOneThatIsNoSoundIsOneLine() throws Exception {
        drop(Samples.file(folder).toFile());
        waitFor("no text", () -> panel().text().getText().contains("rubout"));
        awaitEnd();
        assertTrue(transcript().startsWith("sample.wav\n"), transcript());
        Path noSound = Files.writeString(folder.resolve("notes.txt"), "no sound");
        drop(noSound.toFile());
        waitFor("no line", () -> panel().banner().line().contains("notes.txt"));
        assertTrue(transcript().contains("rubout"), "the text stays");
    }

    private void drop(File file) throws Exception {
        Transferable files = new Transferable() {
            @Override
            public DataFlavor[] getTransferDataFlavors() {
                return new DataFlavor[] {DataFlavor.javaFileListFlavor};
            }

            @Override
            public boolean isDataFlavorSupported(DataFlavor flavor) {
                return flavor.equals(DataFlavor.javaFileListFlavor);
            }

            @Override
            public Object getTransferData(DataFlavor flavor) {
                return List.of(file);
            }
        };
        assertTrue(onEdt(
                () -> panel().getTransferHandler().importData(new TransferHandler.TransferSupport(panel(), files))));
    }

    @Test
    void theKeyboardReachesEverything() throws Exception {
        robot.focusAndWaitForFocusGain(window.button("listen").target());
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            order.add(onEdt(() -> String.valueOf(window.target().getFocusOwner().getName())));
            robot.pressAndReleaseKeys(KeyEvent.VK_TAB);
            robot.waitForIdle();
        }
        assertEquals(
                List.of(
                        "listen",
                        "microphone",
                        "open",
                        "model",
                        "compute",
                        "export",
                        "look",
                        "scope",
                        "transcript",
                        "listen"),
                order);
        robot.pressKey(KeyEvent.VK_CONTROL);
        robot.pressAndReleaseKeys(KeyEvent.VK_D);
        robot.releaseKey(KeyEvent.VK_CONTROL);
        waitFor("Ctrl+D makes it dark", () -> panel().getBackground().equals(Theme.dark.window()));
        robot.pressKey(KeyEvent.VK_CONTROL);
        robot.pressAndReleaseKeys(KeyEvent.VK_R);
        robot.releaseKey(KeyEvent.VK_CONTROL);
        waitFor("Ctrl+R plays the recording", () -> panel().scope().endSeconds() > 1);
        robot.pressKey(KeyEvent.VK_ALT);
        robot.pressAndReleaseKeys(KeyEvent.VK_S);
        robot.releaseKey(KeyEvent.VK_ALT);
        awaitEnd();
        assertTrue(transcript().contains("rubout"), "what was said before the stop is kept");
    }

    @Test
    void everyControlHasANameForAScreenReader() throws Exception {
        List<String> nameless = new ArrayList<>();
        onEdt(() -> {
            collect(panel(), nameless);
            return true;
        });
        assertEquals(List.of(), nameless);
    }

    private static void collect(Container parent, List<String> nameless) {
        for (Component each : parent.getComponents()) {
            boolean control = each.isFocusable()
                    && each.isVisible()
                    && each.getName() != null
                    && (each instanceof AbstractButton
                            || each instanceof JComboBox<?>
                            || each instanceof ScopeView
                            || each instanceof TranscriptView);
            if (control && each.getAccessibleContext().getAccessibleName() == null) {
                nameless.add(each.toString());
            }
            if (each instanceof Container inner && !(each instanceof JComboBox<?>)) {
                collect(inner, nameless);
            }
        }
    }

    @Test
    void closingTheWindowWhileItListensEndsAll() throws Exception {
        onEdt(() -> {
            panel().playSample();
            return true;
        });
        waitFor("no sound", () -> panel().scope().endSeconds() > 0.5);
        window.close();
        assertTrue(closed.await(30, TimeUnit.SECONDS));
        awaitEnd();
        assertNotNull(window.target());
    }
}
