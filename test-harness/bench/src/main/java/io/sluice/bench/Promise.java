package io.sluice.bench;

import java.util.Locale;

/**
 * What is promised of a median.
 *
 * @param most the most that it may be
 * @param unit of what is compared with it: {@code ns} or {@code ms} added, {@code x} governed / bare; empty for no promise
 */
record Promise(double most, String unit) {
    static final Promise NONE = new Promise(0, "");

    static Promise added(double ns) {
        return new Promise(ns, "ns");
    }

    static Promise ratio(double most) {
        return new Promise(most, "x");
    }

    String verdict(Comparison comparison) {
        double value = switch (unit) {
            case "ns" -> comparison.addedNs().median();
            case "ms" -> comparison.addedNs().median() / 1e6;
            default -> comparison.ratio().median();
        };
        return unit.isEmpty()
                ? ""
                : String.format(Locale.ROOT, "<= %s %s: %s", number(), unit, value <= most ? "kept" : "NOT kept");
    }

    private String number() {
        return most == Math.rint(most) ? Long.toString(Math.round(most)) : Double.toString(most);
    }
}
