package io.mambaaudio.demo.desktop;

/**
 * Brightness to colour, through a few given colours. Between two of them it goes straight in OKLab (Björn Ottosson, 2020), where equal
 * steps look equal.
 */
final class ColourMap {
    /** Levels that have a colour each. */
    static final int LEVELS = 256;

    private final int[] rgb = new int[LEVELS];

    private ColourMap(double[][] anchors) {
        for (int level = 0; level < LEVELS; level++) {
            double at = level * (anchors.length - 1) / (LEVELS - 1.0);
            int i = Math.min((int) at, anchors.length - 2);
            rgb[level] = fromLab(anchors[i], anchors[i + 1], at - i);
        }
    }

    /** The map that goes through these colours at equal distances, the first for silence; 0xRRGGBB, two or more. */
    static ColourMap through(int... colours) {
        double[][] anchors = new double[colours.length][];
        for (int i = 0; i < colours.length; i++) {
            anchors[i] = toLab(colours[i]);
        }
        return new ColourMap(anchors);
    }

    /** (LEVELS) 0xRRGGBB; not to be written. */
    int[] rgb() {
        return rgb;
    }

    private static double[] toLab(int colour) {
        double r = linear(colour >> 16 & 0xFF);
        double g = linear(colour >> 8 & 0xFF);
        double b = linear(colour & 0xFF);
        double l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        double m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        double s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return new double[] {
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
        };
    }

    private static int fromLab(double[] a, double[] b, double t) {
        double light = a[0] + t * (b[0] - a[0]);
        double green = a[1] + t * (b[1] - a[1]);
        double blue = a[2] + t * (b[2] - a[2]);
        double l = cube(light + 0.3963377774 * green + 0.2158037573 * blue);
        double m = cube(light - 0.1055613458 * green - 0.0638541728 * blue);
        double s = cube(light - 0.0894841775 * green - 1.2914855480 * blue);
        return byteOf(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s) << 16
                | byteOf(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s) << 8
                | byteOf(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    }

    private static double cube(double x) {
        return x * x * x;
    }

    private static double linear(int value) {
        double v = value / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
    }

    private static int byteOf(double linear) {
        double v = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
        return Math.clamp(Math.round(v * 255), 0, 255);
    }
}
