package io.mambaaudio.demo.desktop;

import io.mambaaudio.engine.AudioInputs;
import io.mambaaudio.models.Backend;
import io.mambaaudio.pretrained.Pretrained;
import io.mambaaudio.speech.Transcriber;
import java.awt.EventQueue;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.image.BufferedImage;
import java.awt.image.MultiResolutionImage;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.swing.JFrame;

/**
 * Takes a picture of the real window, while it transcribes: {@code Screenshots PNG THEME SECONDS WIDTH HEIGHT [SOUND]}. Needs a display, which
 * may be Xvfb's; {@code -Dsun.java2d.uiScale=2} for a screen of twice the density. Without a sound the window is as it opens.
 */
final class Screenshots {
    private Screenshots() {}

    /** Until so much sound was heard and the text of it has come, or all of it. */
    private static void awaitSound(JFrame frame, double seconds) throws Exception {
        MainPanel panel = (MainPanel) frame.getContentPane();
        AtomicBoolean reached = new AtomicBoolean();
        for (int i = 0; i < 600 && !reached.get(); i++) {
            Thread.sleep(100);
            EventQueue.invokeAndWait(() -> reached.set(panel.scope().endSeconds() >= seconds
                    || (panel.scope().endSeconds() > 0 && panel.conductor().phase() == Conductor.Phase.IDLE)));
        }
    }

    public static void main(String[] args) throws Exception {
        List<Path> files = args.length > 5 ? List.of(Path.of(args[5])) : List.of();
        Setup setup = new Setup(
                Pretrained.SPEECH.file(Path.of(System.getProperty("java.io.tmpdir"), "mamba-audio-weights")),
                true,
                Backend.AUTO,
                Transcriber::builder,
                () -> AudioInputs.file(files.getFirst()),
                List.of(),
                Theme.valueOf(args[1]));
        AtomicReference<JFrame> frame = new AtomicReference<>();
        EventQueue.invokeAndWait(() -> {
            JFrame opened = Desktop.open(setup, new CountDownLatch(1));
            opened.setBounds(0, 0, Integer.parseInt(args[3]), Integer.parseInt(args[4]));
            opened.validate();
            frame.set(opened);
            if (!files.isEmpty()) {
                ((MainPanel) opened.getContentPane()).playSample();
            }
        });
        awaitSound(Objects.requireNonNull(frame.get()), Double.parseDouble(args[2]));
        Thread.sleep(400);
        Rectangle bounds = new Rectangle(Integer.parseInt(args[3]), Integer.parseInt(args[4]));
        MultiResolutionImage shot = new Robot().createMultiResolutionScreenCapture(bounds);
        BufferedImage sharpest = (BufferedImage) shot.getResolutionVariants().getLast();
        ImageIO.write(sharpest, "png", new File(args[0]));
        System.exit(0);
    }
}
