package io.sluice.control.doctor;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import java.util.Optional;

/**
 * What a check found.
 *
 * @param subject one word or two: what was looked at
 * @param text a sentence; where something is wrong it ends in what to do, after a colon
 * @param wrong what kind of thing is wrong; empty if nothing is
 */
public record Finding(String subject, String text, Optional<Reason> wrong) {
    static Finding right(String subject, String text) {
        return new Finding(subject, text, Optional.empty());
    }

    static Finding wrong(String subject, Reason reason, String text) {
        return new Finding(subject, text, Optional.of(reason));
    }

    static Finding wrong(String subject, ControlException told) {
        return wrong(subject, told.reason(), String.valueOf(told.getMessage()));
    }
}
