package io.mambaaudio.demo.desktop;

import java.util.Locale;

/** How long, for people. */
final class Times {
    private Times() {}

    /** Minutes and seconds, hours where there are any: {@code 0:07}, {@code 1:02:03}. */
    static String clock(double seconds) {
        long whole = (long) seconds;
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
