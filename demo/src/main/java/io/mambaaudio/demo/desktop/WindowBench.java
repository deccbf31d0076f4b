package io.mambaaudio.demo.desktop;

import java.awt.EventQueue;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.DoubleStream;
import javax.swing.JComponent;
import javax.swing.Timer;

/**
 * Times the window at 3840 × 2160 while it transcribes at the pace of speech: what a frame changes, the whole window, and how long
 * after its sound the text comes, with and without painting. Frames are timed by the processor time of their thread, so that others on
 * the machine do not count. It paints to an image, so no screen is needed. For one core, start it
 * with {@code taskset -c 0}.
 */
public final class WindowBench {
    private static final int WIDTH = 3840;
    private static final int HEIGHT = 2160;
    private static final double SCALE = 2;
    private static final int FRAME_MILLIS = 16;
    private static final long WARM_UP_MILLIS = 3_000;
    private static final double CAUGHT_UP_MILLIS = 400;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final MainPanel panel;
    private final BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    private DoubleStream.Builder delays = DoubleStream.builder();
    private double[] taken = {}; // handed over by waiting for the event thread
    private DoubleStream.Builder frames = DoubleStream.builder();

    private WindowBench(Setup setup) {
        setup.theme().install();
        panel = new MainPanel(setup);
        panel.setSize((int) (WIDTH / SCALE), (int) (HEIGHT / SCALE));
        panel.addNotify(); // lays out without a window
        panel.validate();
        panel.measureDelays(millis -> delays.add(millis));
        panel.playSample();
    }

    /**
     * Runs.
     *
     * @param setup whose sample lasts for four times the seconds and a minute more
     * @param seconds of each of three measurements
     * @return a table
     * @throws InterruptedException if this thread is interrupted
     */
    public static String run(Setup setup, double seconds) throws InterruptedException {
        AtomicReference<WindowBench> made = new AtomicReference<>();
        onEventThread(() -> made.set(new WindowBench(setup)));
        WindowBench bench = made.get();
        if (bench == null) {
            throw new IllegalStateException("the window was not made");
        }
        return bench.measure(Math.round(1000 * seconds));
    }

    private String measure(long millis) throws InterruptedException {
        while (panel.scope().endSeconds() < 1) {
            Thread.sleep(50);
            onEventThread(panel::check);
        }
        awaitPace();
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%d x %d at scale %.0f%n%28s%9s%9s%9s%n",
                WIDTH,
                HEIGHT,
                SCALE,
                "",
                "p50",
                "p99",
                "worst"));
        double[] quiet = delaysDuring(millis);
        double[] sound = framesDuring(panel.scope(), millis);
        double[] whole = framesDuring(panel, millis);
        double[] painting = takeDelays();
        onEventThread(panel.conductor()::stop);
        row(table, "frame: the sound, CPU ms", sound);
        row(table, "frame: all anew, CPU ms", whole);
        row(table, "text, not painting, ms", quiet);
        row(table, "text, painting all, ms", painting);
        return table.toString();
    }

    /** Cold code falls behind at first, and catches up. */
    private void awaitPace() throws InterruptedException {
        double last;
        do {
            Thread.sleep(WARM_UP_MILLIS);
            double[] recent = takeDelays();
            last = recent.length == 0 ? Double.MAX_VALUE : recent[recent.length - 1];
        } while (last > CAUGHT_UP_MILLIS);
    }

    private double[] delaysDuring(long millis) throws InterruptedException {
        onEventThread(() -> delays = DoubleStream.builder());
        Thread.sleep(millis);
        return takeDelays();
    }

    private double[] takeDelays() throws InterruptedException {
        onEventThread(() -> {
            taken = sorted(delays);
            delays = DoubleStream.builder();
        });
        return taken;
    }

    private double[] framesDuring(JComponent what, long millis) throws InterruptedException {
        Timer timer = new Timer(FRAME_MILLIS, e -> frames.add(paint(what)));
        timer.start();
        Thread.sleep(WARM_UP_MILLIS);
        onEventThread(() -> {
            frames = DoubleStream.builder();
            delays = DoubleStream.builder();
        });
        Thread.sleep(millis);
        onEventThread(() -> {
            timer.stop();
            taken = sorted(frames);
            frames = DoubleStream.builder();
        });
        return taken;
    }

    private double paint(JComponent what) {
        long start = threads.getCurrentThreadCpuTime();
        Graphics2D g = image.createGraphics();
        g.scale(SCALE, SCALE);
        g.translate(what.getX(), what == panel ? 0 : what.getParent().getY());
        what.paint(g);
        g.dispose();
        return (threads.getCurrentThreadCpuTime() - start) / 1e6;
    }

    private static double[] sorted(DoubleStream.Builder values) {
        return values.build().sorted().toArray();
    }

    private static void row(StringBuilder table, String name, double[] sorted) {
        table.append(String.format(
                Locale.ROOT,
                "%-28s%9.2f%9.2f%9.2f   (%d)%n",
                name,
                at(sorted, 0.5),
                at(sorted, 0.99),
                at(sorted, 1),
                sorted.length));
    }

    private static double at(double[] sorted, double share) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    private static void onEventThread(Runnable what) throws InterruptedException {
        try {
            EventQueue.invokeAndWait(what);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(Problem.line(e.getCause() == null ? e : e.getCause()), e);
        }
    }
}
