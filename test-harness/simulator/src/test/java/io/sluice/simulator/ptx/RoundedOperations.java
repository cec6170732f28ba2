package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Operation.add;

import io.sluice.simulator.ptx.Operation.Kind;
import io.sluice.simulator.ptx.Operation.Meaning;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/** What PTX computes of floats with .ftz, and what it rounds other than to nearest beyond {@link FloatOperations}. */
final class RoundedOperations {
    private static final String[] ROUNDINGS = {".rz", ".rm", ".rp"};
    private static final RoundingMode[] MODES = {RoundingMode.DOWN, RoundingMode.FLOOR, RoundingMode.CEILING};

    private static final MathContext DIGITS = new MathContext(200, RoundingMode.DOWN);

    private RoundedOperations() {}

    static void addTo(List<Operation> list) {
        flushing(list);
        Kind f = Kind.F32;
        Kind g = Kind.F64;
        for (int i = 0; i < MODES.length; i++) {
            RoundingMode mode = MODES[i];
            long one = Bits.f32(1f);
            add(list, "div" + ROUNDINGS[i] + ".f32", f, x -> quotient(x[0], x[1], mode), f, f);
            add(list, "rcp" + ROUNDINGS[i] + ".f32", f, x -> quotient(one, x[0], mode), f);
            add(list, "sqrt" + ROUNDINGS[i] + ".f32", f, x -> root(x[0], mode), f);
            add(list, "add" + ROUNDINGS[i] + ".f64", g, x -> sum(x, mode), g, g);
            add(list, "mul" + ROUNDINGS[i] + ".f64", g, x -> product(x, mode), g, g);
            add(list, "cvt" + ROUNDINGS[i] + ".f32.f64", f, x -> narrowed(x[0], mode), g);
        }
        add(list, "rcp.rn.f64", g, x -> Bits.f64(1 / Bits.f64(x[0]), x), g);
        add(list, "abs.f64", g, x -> x[0] & Long.MAX_VALUE, g);
        add(list, "cvt.f64.f32", g, x -> widened(x[0]), f);
        add(list, "cvt.sat.f32.f32", f, x -> Bits.saturate(x[0]), f);
    }

    /** With subnormal operands and results as zeros. */
    private static void flushing(List<Operation> list) {
        Kind f = Kind.F32;
        flushed(list, "sub.ftz.f32", x -> Bits.f32(Bits.f32(x[0]) - Bits.f32(x[1])), f, f);
        flushed(list, "mul.rn.ftz.f32", x -> Bits.f32(Bits.f32(x[0]) * Bits.f32(x[1])), f, f);
        flushed(list, "div.rn.ftz.f32", x -> Bits.f32(Bits.f32(x[0]) / Bits.f32(x[1])), f, f);
        flushed(
                list,
                "fma.rn.ftz.f32",
                x -> Bits.f32(Math.fma(Bits.f32(x[0]), Bits.f32(x[1]), Bits.f32(x[2]))),
                f,
                f,
                f);
        flushed(list, "sqrt.rn.ftz.f32", x -> Bits.f32((float) Math.sqrt(Bits.f32(x[0]))), f);
        flushed(list, "rcp.rn.ftz.f32", x -> Bits.f32(1f / Bits.f32(x[0])), f);
        flushed(list, "abs.ftz.f32", x -> x[0] & 0x7fffffffL, f);
        flushed(list, "neg.ftz.f32", x -> x[0] ^ 0x80000000L, f);
        flushed(list, "min.ftz.f32", x -> FloatOperations.extreme(x, false), f, f);
        flushed(list, "max.ftz.f32", x -> FloatOperations.extreme(x, true), f, f);
        Meaning less = x -> Bits.f32(Bits.flush(x[0])) < Bits.f32(Bits.flush(x[1])) ? 1 : 0;
        add(list, "setp.lt.ftz.f32", Kind.PREDICATE, less, f, f);
        Meaning same = x -> Bits.f32(Bits.flush(x[0])) == Bits.f32(Bits.flush(x[1])) ? 1 : 0;
        add(list, "setp.eq.ftz.f32", Kind.PREDICATE, same, f, f);
    }

    private static void flushed(List<Operation> list, String opcode, Meaning meaning, Kind... operands) {
        Meaning flushing = x -> {
            long[] numbers = new long[x.length];
            for (int i = 0; i < x.length; i++) numbers[i] = Bits.flush(x[i]);
            return Bits.flush(meaning.of(numbers));
        };
        add(list, opcode, Kind.F32, flushing, operands);
    }

    /** To so many digits that it lies on the same side of every float as the exact quotient. */
    private static long quotient(long a, long b, RoundingMode mode) {
        float x = Bits.f32(a);
        float y = Bits.f32(b);
        if (!Float.isFinite(x) || !Float.isFinite(y) || x == 0 || y == 0) return Bits.f32(x / y);
        return Bits.f32(Bits.round(new BigDecimal(x).divide(new BigDecimal(y), DIGITS), mode));
    }

    private static long root(long a, RoundingMode mode) {
        float x = Bits.f32(a);
        float nearest = (float) Math.sqrt(x);
        if (!Float.isFinite(nearest) || nearest == 0) return Bits.f32(nearest);
        return Bits.f32(Bits.round(new BigDecimal(x).sqrt(DIGITS), mode));
    }

    private static long narrowed(long bits, RoundingMode mode) {
        double x = Bits.f64(bits);
        if (!Double.isFinite(x) || x == 0) return Bits.f32((float) x);
        return Bits.f32(Bits.round(new BigDecimal(x), mode));
    }

    /** Quiet, and with what it carries. */
    private static long widened(long bits) {
        if (!Float.isNaN(Bits.f32(bits))) return Double.doubleToRawLongBits(Bits.f32(bits));
        return (bits & 0x80000000L) << 32 | 0x7ff8L << 48 | (bits & 0x3fffffL) << 29;
    }

    /** Goes from the nearest number to the one next to it that the rounding asks for. */
    private static double directed(double nearest, BigDecimal exact, RoundingMode mode) {
        if (exact.signum() == 0) return nearest;
        boolean down = mode == RoundingMode.FLOOR || (mode == RoundingMode.DOWN && exact.signum() > 0);
        int order = Double.isInfinite(nearest) ? (nearest > 0 ? 1 : -1) : new BigDecimal(nearest).compareTo(exact);
        if (down && order > 0) return Math.nextDown(nearest);
        boolean up = mode == RoundingMode.CEILING || (mode == RoundingMode.DOWN && exact.signum() < 0);
        if (up && order < 0) return Math.nextUp(nearest) == 0 ? -0d : Math.nextUp(nearest);
        return nearest;
    }

    private static long sum(long[] x, RoundingMode mode) {
        double a = Bits.f64(x[0]);
        double b = Bits.f64(x[1]);
        if (!Double.isFinite(a) || !Double.isFinite(b)) return Bits.f64(a + b, x);
        BigDecimal exact = new BigDecimal(a).add(new BigDecimal(b));
        boolean cancels = exact.signum() == 0 && (x[0] ^ x[1]) < 0;
        return Bits.f64(cancels ? (mode == RoundingMode.FLOOR ? -0d : 0d) : directed(a + b, exact, mode), x);
    }

    private static long product(long[] x, RoundingMode mode) {
        double a = Bits.f64(x[0]);
        double b = Bits.f64(x[1]);
        if (!Double.isFinite(a) || !Double.isFinite(b)) return Bits.f64(a * b, x);
        return Bits.f64(directed(a * b, new BigDecimal(a).multiply(new BigDecimal(b)), mode), x);
    }
}
