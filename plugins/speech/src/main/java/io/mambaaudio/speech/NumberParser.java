package io.mambaaudio.speech;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds numbers in a run of English number words, from left to right, the longest first. */
final class NumberParser {
    private static final Map<String, Integer> DIGITS = numbered(0, "zero one two three four five six seven eight nine");
    private static final Map<String, Integer> TEENS =
            numbered(10, "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen");
    private static final List<String> TENS =
            List.of("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");
    private static final Map<String, Long> POWERS =
            Map.of("thousand", 1_000L, "million", 1_000_000L, "billion", 1_000_000_000L);
    private static final Map<String, String> ORDINALS = ordinals();
    private static final Set<String> MONTHS = Set.of(
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december");
    private static final Set<String> INSIDE = Set.of("and", "point");

    private final List<String> words;
    private final int end;
    private int at;
    private boolean ordinal;

    /**
     * Words that are written as one.
     *
     * @param from index of the first
     * @param to index after the last
     * @param text a word as it was, or a number in digits
     */
    record Span(int from, int to, String text) {}

    private NumberParser(List<String> words, int from, int end) {
        this.words = words;
        this.at = from;
        this.end = end;
    }

    private static Map<String, Integer> numbered(int first, String names) {
        Map<String, Integer> out = new HashMap<>();
        for (String name : names.split(" ", -1)) {
            out.put(name, first + out.size());
        }
        return out;
    }

    /** From an ordinal to its cardinal. */
    private static Map<String, String> ordinals() {
        Map<String, String> out = new HashMap<>(Map.of(
                "first", "one", "second", "two", "third", "three", "fifth", "five", "eighth", "eight", "ninth", "nine",
                "twelfth", "twelve"));
        for (String name :
                List.of("four", "six", "seven", "ten", "eleven", "hundred", "thousand", "million", "billion")) {
            out.put(name + "th", name);
        }
        TEENS.keySet().stream().filter(name -> name.endsWith("teen")).forEach(name -> out.put(name + "th", name));
        TENS.stream()
                .filter(name -> !name.isEmpty())
                .forEach(name -> out.put(name.substring(0, name.length() - 1) + "ieth", name));
        return out;
    }

    private static boolean isNumber(String word) {
        return DIGITS.containsKey(word)
                || word.equals("oh")
                || TEENS.containsKey(word)
                || word.equals("hundred")
                || POWERS.containsKey(word)
                || ORDINALS.containsKey(word)
                || (!word.isEmpty() && TENS.contains(word));
    }

    /** Where a run of number words begins that may go on after the last word; their number if there is none. */
    static int trailingRun(List<String> words) {
        int from = words.size();
        while (from > 0 && (isNumber(words.get(from - 1)) || INSIDE.contains(words.get(from - 1)))) {
            from--;
        }
        while (from < words.size() && INSIDE.contains(words.get(from))) {
            from++;
        }
        return from;
    }

    /** All words, with those of a number together. The word before the first may be a month. */
    static List<Span> spans(List<String> words, String before) {
        List<Span> out = new ArrayList<>();
        for (int i = 0; i < words.size(); ) {
            int end = i;
            while (end < words.size() && (isNumber(words.get(end)) || (end > i && INSIDE.contains(words.get(end))))) {
                end++;
            }
            if (end == i) {
                out.add(new Span(i, i + 1, words.get(i)));
                i++;
            } else {
                boolean month = MONTHS.contains(i == 0 ? before : words.get(i - 1));
                new NumberParser(words, i, end).parse(month, out);
                i = end;
            }
        }
        return out;
    }

    private void parse(boolean afterMonth, List<Span> out) {
        boolean alone = end - at == 1 && !afterMonth;
        while (at < end) {
            int from = at;
            ordinal = false;
            String text = number();
            if (at == from || (alone && small(text))) {
                at = from + 1;
                text = words.get(from);
            }
            out.add(new Span(from, at, text));
        }
    }

    private static boolean small(String text) {
        return text.matches("[0-9](st|nd|rd|th)?");
    }

    /** The number that begins here, or no step forward. */
    private String number() {
        String digits = digitString();
        if (!digits.isEmpty()) {
            return digits;
        }
        int from = at;
        String year = year();
        if (!year.isEmpty()) {
            return year;
        }
        at = from;
        ordinal = false;
        long value = cardinal();
        if (at == from) {
            return "";
        }
        if (ordinal) {
            return value + suffix(value);
        }
        return value + decimals();
    }

    /** Two digits or more, one by one; the last of them may instead begin a larger number. */
    private String digitString() {
        StringBuilder out = new StringBuilder();
        int i = at;
        while (i < end && isDigit(words.get(i))) {
            out.append(digit(words.get(i)));
            i++;
        }
        boolean larger = i < end && (words.get(i).equals("hundred") || POWERS.containsKey(words.get(i)));
        if (larger && out.length() > 0) {
            out.setLength(out.length() - 1);
        }
        if (out.length() < 2 || (i < end && words.get(i).equals("point"))) {
            return "";
        }
        at += out.length();
        return out.toString();
    }

    private static int digit(String word) {
        return DIGITS.getOrDefault(word, 0); // oh is nought, too
    }

    private static boolean isDigit(String word) {
        return DIGITS.containsKey(word) || word.equals("oh");
    }

    /** nineteen sixty eight, nineteen oh five, twenty twenty. */
    private String year() {
        int century = twoDigits();
        if (century < 10 || at >= end || ordinal) {
            return "";
        }
        if (words.get(at).equals("oh") && at + 1 < end && DIGITS.containsKey(words.get(at + 1))) {
            at += 2;
            return century + "0" + digit(words.get(at - 1));
        }
        int rest = twoDigits();
        boolean more = at < end && (words.get(at).equals("hundred") || POWERS.containsKey(words.get(at)));
        return rest < 10 || ordinal || more ? "" : "" + century + rest;
    }

    private long cardinal() {
        long sum = 0;
        long limit = Long.MAX_VALUE;
        while (at < end && !ordinal) {
            int from = at;
            if (sum > 0 && words.get(at).equals("and")) {
                at++;
            }
            long part = belowThousand(limit == 1_000 ? 999 : 9_999);
            long power = part == 0 || ordinal || at >= end ? 1 : POWERS.getOrDefault(plain(words.get(at)), 1L);
            boolean fits = part > 0 && power < limit && (sum == 0 || limit > 1);
            if (!fits) {
                at = from;
                ordinal = false;
                break;
            }
            if (power > 1) {
                ordinal = ORDINALS.containsKey(words.get(at));
                at++;
            }
            sum += part * power;
            limit = power;
        }
        if (sum == 0 && at < end && words.get(at).equals("zero")) {
            at++;
        }
        return sum;
    }

    /** five, sixty eight, three hundred and five, nineteen hundred; 0 and no step if there is none. */
    private long belowThousand(long most) {
        int from = at;
        int head = twoDigits();
        if (head <= 0) {
            at = from;
            return 0;
        }
        if (ordinal || at >= end || !plain(words.get(at)).equals("hundred") || head * 100L > most) {
            return head;
        }
        ordinal = ORDINALS.containsKey(words.get(at++));
        int afterHundred = at;
        if (!ordinal && at + 1 < end && words.get(at).equals("and")) {
            at++;
        }
        int rest = ordinal || at >= end ? 0 : twoDigits();
        if (rest <= 0) {
            at = afterHundred;
        }
        return head * 100L + Math.max(0, rest);
    }

    /** 1 to 99, or 0 without a step. */
    private int twoDigits() {
        if (at >= end) {
            return 0;
        }
        String word = plain(words.get(at));
        boolean last = ORDINALS.containsKey(words.get(at));
        int tens = word.isEmpty() ? -1 : TENS.indexOf(word);
        int value = tens > 0 ? 10 * tens : TEENS.getOrDefault(word, DIGITS.getOrDefault(word, 0));
        if (value == 0) {
            return 0;
        }
        at++;
        ordinal |= last;
        if (tens > 0 && !last && at < end) {
            int unit = DIGITS.getOrDefault(plain(words.get(at)), 0);
            ordinal |= unit > 0 && ORDINALS.containsKey(words.get(at));
            at += unit > 0 ? 1 : 0;
            value += unit;
        }
        return value;
    }

    private static String plain(String word) {
        return ORDINALS.getOrDefault(word, word);
    }

    private String decimals() {
        StringBuilder out = new StringBuilder();
        if (at + 1 < end && words.get(at).equals("point")) {
            for (int i = at + 1; i < end && isDigit(words.get(i)); i++) {
                out.append(digit(words.get(i)));
            }
            at += out.length() == 0 ? 0 : 1 + out.length();
        }
        return out.length() == 0 ? "" : "." + out;
    }

    private static String suffix(long value) {
        long two = value % 100;
        return two >= 11 && two <= 13
                ? "th"
                : switch ((int) (value % 10)) {
                    case 1 -> "st";
                    case 2 -> "nd";
                    case 3 -> "rd";
                    default -> "th";
                };
    }
}
