package io.sluice.policy.tenantfile;

import static io.sluice.policy.tenantfile.Quoted.quoted;

import io.sluice.policy.Bytes;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text form of a {@link MemoryLimit}: {@code 8GiB}, {@code 1.5GB}, {@code 1999993B}, {@code 25%}. */
final class MemoryLimits {
    static final String ALLOWED =
            "a number with KiB, MiB, GiB, TiB, kB, MB, GB, TB or B, or with % for a part of the GPU, such as 8GiB";

    static final String ALLOWED_ON_HOST = "a number with KiB, MiB, GiB, TiB, kB, MB, GB, TB or B, such as 4GiB";

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("((?:0|[1-9][0-9]*)(?:\\.[0-9]+)?)([A-Za-z%]*)");
    /** Long enough for each byte of a 64-bit amount in TiB; a longer number is a mistake. */
    private static final int LONGEST = 64;

    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);

    private static final Map<String, Long> UNITS = new LinkedHashMap<>();

    static {
        UNITS.put("KiB", 1L << 10);
        UNITS.put("MiB", 1L << 20);
        UNITS.put("GiB", 1L << 30);
        UNITS.put("TiB", 1L << 40);
        UNITS.put("kB", 1_000L);
        UNITS.put("MB", 1_000_000L);
        UNITS.put("GB", 1_000_000_000L);
        UNITS.put("TB", 1_000_000_000_000L);
        UNITS.put("B", 1L);
    }

    private MemoryLimits() {}

    /** @throws IllegalArgumentException with a sentence that says what is allowed */
    static MemoryLimit parse(String text) {
        Matcher parts = NUMBER_AND_UNIT.matcher(text);
        if (text.length() > LONGEST || !parts.matches()) {
            throw new IllegalArgumentException(quoted(text) + " is not an amount of memory: write " + ALLOWED);
        }
        BigDecimal number = new BigDecimal(parts.group(1));
        String unit = parts.group(2);
        if (unit.isEmpty()) {
            throw new IllegalArgumentException(quoted(text) + " has no unit: write " + ALLOWED);
        }
        return unit.equals("%") ? part(text, number) : exact(text, number, unit);
    }

    /** An amount that is no part of a GPU. */
    static Bytes parseBytes(String text) {
        if (parse(text) instanceof MemoryLimit.Exact exact) {
            return exact.bytes();
        }
        throw new IllegalArgumentException(quoted(text) + " is a part of no GPU here: write " + ALLOWED_ON_HOST);
    }

    private static MemoryLimit part(String text, BigDecimal percent) {
        if (percent.compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new IllegalArgumentException(quoted(text) + " is more than the GPU has: write 0% to 100%");
        }
        return new MemoryLimit.Part(percent);
    }

    private static MemoryLimit exact(String text, BigDecimal number, String unit) {
        Long factor = UNITS.get(unit);
        if (factor == null) {
            throw new IllegalArgumentException(
                    quoted(text) + " has the unknown unit '" + unit + "'" + meant(unit) + ": write " + ALLOWED);
        }
        BigDecimal bytes = number.multiply(BigDecimal.valueOf(factor)).stripTrailingZeros();
        if (bytes.scale() > 0) {
            throw new IllegalArgumentException(quoted(text) + " is not a whole number of bytes, but "
                    + bytes.toPlainString() + ": write fewer decimals or a smaller unit");
        }
        if (bytes.compareTo(LARGEST) > 0) {
            throw new IllegalArgumentException(
                    quoted(text) + " is more than " + Long.MAX_VALUE + " bytes: write a smaller amount");
        }
        return new MemoryLimit.Exact(Bytes.of(bytes.longValueExact()));
    }

    private static String meant(String unit) {
        for (String known : UNITS.keySet()) {
            if (known.equalsIgnoreCase(unit)
                    || known.equalsIgnoreCase(unit + "B")
                    || known.equalsIgnoreCase(unit + "iB")) {
                return " (did you mean '" + known + "'?)";
            }
        }
        return "";
    }
}
