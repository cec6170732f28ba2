package io.sluice.control;

import java.util.Locale;
import java.util.Optional;

/** Whether the limits on one GPU may add up to more than its memory. A setting of the node, not of a tenant. */
public enum Overcommit {
    /** A change that would do so is not made. */
    REFUSE,
    /** It is made, and a line says so. */
    WARN,
    ALLOW;

    /** Holds where a command is not told otherwise. */
    public static final String VARIABLE = "SLUICE_OVERCOMMIT";

    /** By its name in lower case. */
    public static Optional<Overcommit> parse(String word) {
        for (Overcommit value : values()) {
            if (value.toString().equals(word)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
