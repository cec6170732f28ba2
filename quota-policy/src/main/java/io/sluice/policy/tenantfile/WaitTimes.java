package io.sluice.policy.tenantfile;

import static io.sluice.policy.tenantfile.Quoted.quoted;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text form of a time to wait: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}. */
final class WaitTimes {
    static final String ALLOWED = "a whole number with ms, s, m or h, up to 24h, such as 30s";
    static final Duration DEFAULT = Duration.ofSeconds(30);

    private static final Duration LONGEST = Duration.ofHours(24);
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(0|[1-9][0-9]{0,8})(ms|s|m|h)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1));

    private WaitTimes() {}

    /** @throws IllegalArgumentException with a sentence that says what is allowed */
    static Duration parse(String text) {
        Matcher parts = NUMBER_AND_UNIT.matcher(text);
        Duration unit = parts.matches() ? UNITS.get(parts.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException(quoted(text) + " is not a time: write " + ALLOWED);
        }
        Duration time = unit.multipliedBy(Long.parseLong(parts.group(1)));
        if (time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(quoted(text) + " is too long: write " + ALLOWED);
        }
        return time;
    }
}
