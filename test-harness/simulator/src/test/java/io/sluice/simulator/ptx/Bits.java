package io.sluice.simulator.ptx;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Arithmetic on the bits of registers as the PTX ISA states it, computed with the means of Java alone. */
final class Bits {
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    private Bits() {}

    static long zero(long value, int width) {
        return width == 64 ? value : value & ((1L << width) - 1);
    }

    static long sign(long value, int width) {
        return value << (64 - width) >> (64 - width);
    }

    static BigInteger whole(long bits, int width, boolean signed) {
        BigInteger value = BigInteger.valueOf(signed ? sign(bits, width) : zero(bits, width));
        return !signed && value.signum() < 0 ? value.add(TWO_64) : value;
    }

    static long cut(BigInteger value, int width) {
        return zero(value.longValue(), width);
    }

    static long clamp(BigInteger value, int width, boolean signed) {
        BigInteger most = BigInteger.ONE.shiftLeft(signed ? width - 1 : width).subtract(BigInteger.ONE);
        BigInteger least = signed ? most.negate().subtract(BigInteger.ONE) : BigInteger.ZERO;
        return cut(value.max(least).min(most), width);
    }

    static float f32(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    static double f64(long bits) {
        return Double.longBitsToDouble(bits);
    }

    /** NaNs of f32 arithmetic are canonical. */
    static long f32(float value) {
        return Float.isNaN(value) ? 0x7fffffffL : zero(Float.floatToRawIntBits(value), 32);
    }

    /** A NaN of f64 arithmetic is the first NaN operand, made quiet, or else the one that the operation makes. */
    static long f64(double value, long... operands) {
        if (!Double.isNaN(value)) return Double.doubleToRawLongBits(value);
        for (long operand : operands) {
            if (Double.isNaN(f64(operand))) return operand | 1L << 51;
        }
        return 0xfff8L << 48;
    }

    static long flush(long bits) {
        return (bits & 0x7f800000L) == 0 ? bits & 0x80000000L : bits;
    }

    static long saturate(long bits) {
        float value = f32(bits);
        return !(value > 0) ? 0 : value >= 1 ? f32(1f) : bits;
    }

    /** Rounds an exact, non-zero value to f32. */
    static float round(BigDecimal exact, RoundingMode mode) {
        float nearest = exact.floatValue();
        boolean down = mode == RoundingMode.FLOOR || (mode == RoundingMode.DOWN && exact.signum() > 0);
        boolean up = mode == RoundingMode.CEILING || (mode == RoundingMode.DOWN && exact.signum() < 0);
        if (down && exceeds(nearest, exact)) return Math.nextDown(nearest);
        if (up && exceeds(-nearest, exact.negate())) return Math.nextUp(nearest) == 0 ? -0f : Math.nextUp(nearest);
        if (nearest == 0) return exact.signum() < 0 ? -0f : 0f;
        return nearest;
    }

    private static boolean exceeds(float value, BigDecimal exact) {
        if (Float.isInfinite(value)) return value > 0;
        return new BigDecimal(value).compareTo(exact) > 0;
    }

    /** a * b + c on finite f32 operands, exact but for one rounding; the sign of an exact zero as IEEE 754 has it. */
    static long directedFma(long a, long b, long c, RoundingMode mode) {
        float x = f32(a);
        float y = f32(b);
        float z = f32(c);
        if (!Float.isFinite(x) || !Float.isFinite(y) || !Float.isFinite(z))
            return f32((float) Math.fma((double) x, (double) y, (double) z));
        BigDecimal exact = new BigDecimal(x).multiply(new BigDecimal(y)).add(new BigDecimal(z));
        if (exact.signum() != 0) return f32(round(exact, mode));
        boolean product = (Float.floatToRawIntBits(x) ^ Float.floatToRawIntBits(y)) < 0;
        boolean addend = Float.floatToRawIntBits(z) < 0;
        boolean negative = product == addend ? product : mode == RoundingMode.FLOOR;
        return f32(negative ? -0f : 0f);
    }

    static long toWhole(double value, RoundingMode mode, int width, boolean signed) {
        if (Double.isNaN(value)) return 0;
        if (Double.isInfinite(value))
            return clamp(BigInteger.ONE.shiftLeft(100).multiply(BigInteger.valueOf(value > 0 ? 1 : -1)), width, signed);
        return clamp(new BigDecimal(value).setScale(0, mode).toBigInteger(), width, signed);
    }
}
