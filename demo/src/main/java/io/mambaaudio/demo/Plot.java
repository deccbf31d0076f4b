package io.mambaaudio.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A line plot as SVG: one line for each row of a table, over a logarithmic axis of lengths. What the commands of this module need of a plot is
 * this page of text; a library for charts would bring Swing and a megabyte.
 */
record Plot(String title, String unit, boolean logarithmic, Map<String, Map<Integer, Double>> lines) {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 70;
    private static final int RIGHT = 170;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;
    private static final List<String> COLOURS = List.of("#1f6fb4", "#d95f02", "#1b9e77", "#7570b3", "#a6761d");

    String svg() {
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                        + "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>%n"
                        + "<text x=\"%d\" y=\"%d\">length in tokens</text>%n<text x=\"8\" y=\"%d\">%s</text>%n",
                WIDTH,
                HEIGHT,
                LEFT,
                title,
                LEFT,
                HEIGHT - 12,
                TOP - 6,
                unit));
        axes(out);
        int i = 0;
        for (Map.Entry<String, Map<Integer, Double>> line : lines.entrySet()) {
            line(out, line.getKey(), line.getValue(), i++);
        }
        return out.append("</svg>\n").toString();
    }

    private void axes(StringBuilder out) {
        for (int length : lengths()) {
            double x = x(length);
            out.append(String.format(
                    Locale.ROOT,
                    "<path d=\"M%.1f %d V%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    x,
                    TOP,
                    HEIGHT - BOTTOM,
                    x,
                    HEIGHT - BOTTOM + 16,
                    shortly(length)));
        }
        for (double value : ticks()) {
            double y = y(value);
            out.append(String.format(
                    Locale.ROOT,
                    "<path d=\"M%d %.1f H%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT,
                    y,
                    WIDTH - RIGHT,
                    LEFT - 6,
                    y + 4,
                    number(value)));
        }
    }

    private void line(StringBuilder out, String name, Map<Integer, Double> values, int i) {
        String colour = COLOURS.get(i % COLOURS.size());
        StringBuilder path = new StringBuilder();
        values.forEach((length, value) -> path.append(path.isEmpty() ? 'M' : 'L')
                .append(String.format(Locale.ROOT, "%.1f %.1f ", x(length), y(value))));
        out.append(String.format(
                Locale.ROOT,
                "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n",
                path.toString().strip(),
                colour,
                WIDTH - RIGHT + 10,
                TOP + 16 + 18 * i,
                colour,
                name));
        values.forEach((length, value) -> out.append(String.format(
                Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", x(length), y(value), colour)));
    }

    private List<Integer> lengths() {
        return lines.values().stream()
                .flatMap(line -> line.keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }

    private double x(int length) {
        List<Integer> all = lengths();
        double least = Math.log(all.getFirst());
        double range = Math.max(1e-9, Math.log(all.getLast()) - least);
        return LEFT + (WIDTH - LEFT - RIGHT) * (Math.log(length) - least) / range;
    }

    private double y(double value) {
        List<Double> all = ticks();
        double least = scaled(all.getFirst());
        double range = scaled(all.getLast()) - least;
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (scaled(value) - least) / range;
    }

    private double scaled(double value) {
        return logarithmic ? Math.log10(value) : value;
    }

    /** From below all values to above them: powers of ten, or five steps from 0. */
    private List<Double> ticks() {
        double least = values().min().orElse(1);
        double most = values().max().orElse(1);
        List<Double> ticks = new ArrayList<>();
        if (!logarithmic) {
            double from = least > most / 2 ? least : 0; // values far from 0 and near each other fill the plot
            double range = Math.max(most - from, 1e-9);
            double step = Math.pow(10, Math.floor(Math.log10(range / 2)));
            step = range / step > 10 ? 5 * step : range / step > 5 ? 2 * step : step;
            for (double tick = step * Math.floor(from / step); tick < most + step; tick += step) {
                ticks.add(tick);
            }
            return ticks;
        }
        for (int e = (int) Math.floor(Math.log10(least)); e <= Math.ceil(Math.log10(most)); e++) {
            ticks.add(Math.pow(10, e));
        }
        return ticks.size() > 1 ? ticks : List.of(ticks.getFirst(), 10 * ticks.getFirst());
    }

    private java.util.stream.DoubleStream values() {
        return lines.values().stream().flatMap(line -> line.values().stream()).mapToDouble(Double::doubleValue);
    }

    private static String number(double value) {
        return value >= 1000 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.3g", value);
    }

    private static String shortly(int length) {
        return length >= 1 << 20
                ? (length >> 20) + " M"
                : length >= 1 << 10 ? (length >> 10) + " k" : Integer.toString(length);
    }
}
