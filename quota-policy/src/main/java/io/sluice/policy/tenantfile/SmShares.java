package io.sluice.policy.tenantfile;

import static io.sluice.policy.tenantfile.Quoted.quoted;

import io.sluice.policy.time.Share;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text form of a {@link Share}: {@code 30%}, {@code 12.5%}. */
final class SmShares {
    static final String ALLOWED = "a part of the GPU's time from 0.1% to 100%, such as 30%";

    private static final Pattern PERCENT = Pattern.compile("((?:0|[1-9][0-9]{0,2})(?:\\.[0-9]{1,4})?)%");

    private SmShares() {}

    /** @throws IllegalArgumentException with a sentence that says what is allowed */
    static Share parse(String text) {
        Matcher parts = PERCENT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(quoted(text) + " is not a share: write " + ALLOWED);
        }
        int ppm = new BigDecimal(parts.group(1)).movePointRight(4).intValueExact();
        if (ppm < Share.LEAST || ppm > Share.WHOLE) {
            throw new IllegalArgumentException(quoted(text) + " cannot be given: write " + ALLOWED);
        }
        return new Share(ppm);
    }
}
