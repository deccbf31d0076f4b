package io.mambaaudio.demo.desktop;

import java.awt.AWTError;
import java.awt.Dimension;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.awt.HeadlessException;
import java.awt.Rectangle;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.swing.JFrame;

/** The window as a whole, for the command that opens it. */
public final class Desktop {
    private static final System.Logger LOG = System.getLogger(Desktop.class.getName());
    private static final Dimension SIZE = new Dimension(1080, 720);
    private static final Dimension LEAST = new Dimension(620, 380);

    private Desktop() {}

    /**
     * Opens the window and waits until it is closed.
     *
     * @param setup what to begin with
     * @return why there is no window, one line, if this machine has no screen for one
     * @throws InterruptedException if the waiting thread is
     */
    public static Optional<String> run(Setup setup) throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        try {
            if (GraphicsEnvironment.isHeadless()) {
                return Optional.of(noScreen("this Java or this session has no display"));
            }
            EventQueue.invokeAndWait(() -> open(setup, closed));
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (isScreenProblem(cause)) {
                return Optional.of(noScreen(Problem.line(cause)));
            }
            throw new IllegalStateException("the window cannot be opened: " + Problem.line(cause), cause);
        } catch (RuntimeException | Error e) {
            if (isScreenProblem(e)) {
                return Optional.of(noScreen(Problem.line(e)));
            }
            throw e;
        }
        closed.await();
        return Optional.empty();
    }

    private static boolean isScreenProblem(Throwable thrown) {
        return thrown instanceof HeadlessException || thrown instanceof AWTError || thrown instanceof LinkageError;
    }

    private static String noScreen(String reason) {
        return "no window can be opened: " + reason
                + "; start it on a desktop (on Linux DISPLAY says where), or use 'mamba-audio transcribe --mic'";
    }

    /** Event thread. */
    static JFrame open(Setup setup, CountDownLatch closed) {
        setup.theme().install();
        MainPanel panel = new MainPanel(setup);
        Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {
            LOG.log(System.Logger.Level.DEBUG, "the event thread", failure);
            panel.banner().say(Problem.line(failure));
        });
        JFrame frame = new JFrame("Mamba Audio");
        frame.setDefaultCloseOperation(JFrame.DISPOSE_ON_CLOSE);
        frame.setJMenuBar(panel.deeds().menus());
        frame.setContentPane(panel);
        frame.setMinimumSize(LEAST);
        frame.setSize(fitting(frame));
        frame.setLocationRelativeTo(null);
        frame.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosed(WindowEvent e) {
                panel.conductor().stop();
                closed.countDown();
            }
        });
        frame.setVisible(true);
        panel.begin();
        return frame;
    }

    private static Dimension fitting(JFrame frame) {
        Rectangle screen = GraphicsEnvironment.getLocalGraphicsEnvironment().getMaximumWindowBounds();
        return new Dimension(
                Math.max(frame.getMinimumSize().width, Math.min(SIZE.width, screen.width)),
                Math.max(frame.getMinimumSize().height, Math.min(SIZE.height, screen.height)));
    }
}
