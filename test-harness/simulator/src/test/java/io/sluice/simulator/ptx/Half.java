package io.sluice.simulator.ptx;

import java.math.BigDecimal;

/** .f16 and .bf16: finds the nearest of their values by search, and shares no way of computing with the interpreter. */
enum Half {
    F16("f16", 10, 14, 0x7c00),
    BF16("bf16", 7, 126, 0x7f80);

    static final long NAN = 0x7fff;

    final String type;
    private final int fractionBits;
    private final int leastExponent; // negated
    private final int infinity;

    Half(String type, int fractionBits, int leastExponent, int infinity) {
        this.type = type;
        this.fractionBits = fractionBits;
        this.leastExponent = leastExponent;
        this.infinity = infinity;
    }

    boolean isNan(long bits) {
        return (bits & 0x7fff) > infinity;
    }

    long infinity() {
        return infinity;
    }

    long one() {
        return (long) (leastExponent + 1) << fractionBits;
    }

    /** As a double, which holds each of them. */
    double number(long bits) {
        if (isNan(bits)) return Double.NaN;
        double magnitude = (bits & 0x7fff) == infinity
                ? Double.POSITIVE_INFINITY
                : magnitude((int) bits & 0x7fff).doubleValue();
        return (bits & 0x8000) != 0 ? -magnitude : magnitude;
    }

    /** What the bits of infinity would mean if they went on as the others do is where rounding to it begins. */
    private BigDecimal magnitude(int bits) {
        int exponent = bits >> fractionBits;
        int fraction = bits & ((1 << fractionBits) - 1);
        long whole = exponent == 0 ? fraction : fraction | 1L << fractionBits;
        int scale = Math.max(exponent, 1) - 1 - leastExponent - fractionBits;
        BigDecimal two = BigDecimal.valueOf(2);
        return scale >= 0
                ? BigDecimal.valueOf(whole).multiply(two.pow(scale))
                : BigDecimal.valueOf(whole).divide(two.pow(-scale));
    }

    /** Nearest, ties to even. The sign tells that of a zero. */
    long nearest(BigDecimal exact, boolean negativeZero) {
        if (exact.signum() == 0) return negativeZero ? 0x8000 : 0;
        BigDecimal wanted = exact.abs();
        int low = 0;
        int high = infinity;
        if (wanted.compareTo(magnitude(high)) >= 0) low = high;
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (magnitude(middle).compareTo(wanted) <= 0) low = middle;
            else high = middle;
        }
        int found = low;
        if (low < infinity) {
            int nearer =
                    wanted.subtract(magnitude(low)).compareTo(magnitude(high).subtract(wanted));
            if (nearer > 0 || (nearer == 0 && (low & 1) != 0)) found = high;
        }
        return found | (exact.signum() < 0 ? 0x8000 : 0);
    }

    /** Nearest to any double. */
    long nearest(double value) {
        if (Double.isNaN(value)) return NAN;
        if (Double.isInfinite(value)) return infinity | (value < 0 ? 0x8000 : 0);
        return nearest(new BigDecimal(value), 1 / value < 0);
    }

    /** a * b + c with one rounding. */
    long fma(long a, long b, long c) {
        double x = number(a);
        double y = number(b);
        double z = number(c);
        if (!Double.isFinite(x) || !Double.isFinite(y) || !Double.isFinite(z)) return nearest(x * y + z);
        boolean negative = ((a ^ b) & 0x8000) != 0;
        BigDecimal exact = new BigDecimal(x).multiply(new BigDecimal(y)).add(new BigDecimal(z));
        return nearest(exact, negative && (c & 0x8000) != 0);
    }

    long flush(long bits) {
        return (bits & infinity) == 0 ? bits & 0x8000 : bits;
    }

    long saturate(long bits) {
        if (isNan(bits) || (bits & 0x8000) != 0) return 0;
        return Math.min(bits, one());
    }

    long relu(long bits) {
        return isNan(bits) ? NAN : (bits & 0x8000) != 0 ? 0 : bits;
    }

    long extreme(long a, long b, boolean largest, boolean nanWins) {
        if (isNan(a) || isNan(b)) return (isNan(a) && isNan(b)) || nanWins ? NAN : isNan(a) ? b : a;
        double x = number(a);
        double y = number(b);
        return nearest(largest ? Math.max(x, y) : Math.min(x, y));
    }
}
