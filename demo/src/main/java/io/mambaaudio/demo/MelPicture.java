package io.mambaaudio.demo;

import io.mambaaudio.dsp.MelFrontend;
import io.mambaaudio.dsp.MelSpec;
import io.mambaaudio.dsp.Resampler;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;

/** The log-mel frames of a sound as a picture that grows with it: time to the right, high bands above, a line where the machine begins. */
final class MelPicture {
    private static final int MAX_WIDTH = 4000;
    private static final int ROWS_A_BAND = 2;
    private static final double QUIETEST = -6.9; // log power; the floor of the frames
    private static final double LOUDEST = 7;
    private static final int[] COLOURS = {0x000004, 0x3B0F70, 0x8C2981, 0xDE4968, 0xFE9F6D, 0xFCFDBF};
    private static final int LINE = 0x00FFC8;

    private final MelSpec spec;
    private final Resampler resampler;
    private final MelFrontend frontend;
    private final BufferedImage image;
    private final int framesAColumn;
    private final float[] resampled;
    private final float[] loudest; // (nMels) of the column
    private long frames;

    MelPicture(MelSpec spec, int sampleRateHz, double seconds, int maxBlock) {
        this.spec = spec;
        this.resampler = Resampler.of(sampleRateHz, spec.sampleRateHz());
        this.frontend = new MelFrontend(spec);
        long all = Math.max(1, (long) (seconds * spec.sampleRateHz() / spec.hopSamples()));
        this.framesAColumn = (int) ((all + MAX_WIDTH - 1) / MAX_WIDTH);
        int width = (int) ((all + framesAColumn - 1) / framesAColumn);
        this.image = new BufferedImage(width, ROWS_A_BAND * spec.nMels(), BufferedImage.TYPE_INT_RGB);
        this.resampled = new float[resampler.maxOutput(maxBlock)];
        this.loudest = new float[spec.nMels()];
        Arrays.fill(loudest, Float.NEGATIVE_INFINITY);
    }

    /** The next sound, mono. */
    void push(float[] samples, int count) {
        int n = resampler.push(samples, 0, count, resampled, 0);
        frontend.push(resampled, 0, n, this::draw);
    }

    private void draw(float[] frame) {
        int x = (int) (frames++ / framesAColumn);
        for (int band = 0; band < frame.length && x < image.getWidth(); band++) {
            loudest[band] = Math.max(loudest[band], frame[band]);
            int colour = colour((loudest[band] - QUIETEST) / (LOUDEST - QUIETEST));
            int y = image.getHeight() - ROWS_A_BAND * (band + 1);
            for (int row = 0; row < ROWS_A_BAND; row++) {
                image.setRGB(x, y + row, colour);
            }
        }
        if (frames % framesAColumn == 0) {
            Arrays.fill(loudest, Float.NEGATIVE_INFINITY);
        }
    }

    private static int colour(double level) {
        double at = Math.clamp(level, 0, 1) * (COLOURS.length - 1);
        int i = Math.min((int) at, COLOURS.length - 2);
        int rgb = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            double from = (COLOURS[i] >> shift) & 0xFF;
            double to = (COLOURS[i + 1] >> shift) & 0xFF;
            rgb |= (int) Math.round(from + (at - i) * (to - from)) << shift;
        }
        return rgb;
    }

    /** A line from top to bottom. */
    void mark(double seconds) {
        int x = (int) (seconds * spec.sampleRateHz() / spec.hopSamples() / framesAColumn);
        for (int y = 0; y < image.getHeight() && x < image.getWidth(); y++) {
            image.setRGB(x, y, LINE);
        }
    }

    /** As PNG. */
    void write(Path to) throws IOException {
        ImageIO.write(image, "png", to.toFile());
    }
}
