package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Rows.CANONICAL_NAN;
import static io.sluice.simulator.ptx.Rows.INFINITY;
import static io.sluice.simulator.ptx.Rows.MINUS;
import static io.sluice.simulator.ptx.Rows.NAN;
import static io.sluice.simulator.ptx.Rows.check;
import static io.sluice.simulator.ptx.Rows.f32;
import static io.sluice.simulator.ptx.Rows.f64;
import static io.sluice.simulator.ptx.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Approximations err by no more than the PTX ISA states, at random arguments and at its ends, and are exact where it says so. */
class PtxAccuracyTest {
    private static final int ARGUMENTS = 1000; // one thread for each
    private static final double LEAST_NORMAL = Float.MIN_NORMAL;
    private static final double MOST = Float.MAX_VALUE;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private enum Measure {
        ABSOLUTE,
        RELATIVE
    }

    /** From {@code least} to {@code most}, with the same number in each power of two, both signs if {@code least} is negative. */
    private double[] between(double least, double most, double... others) {
        double from = Math.log(Math.max(least, 0x1p-30));
        DoubleStream some = random.doubles(ARGUMENTS - others.length - 2)
                .map(x -> least > 0 && most / least > 4
                        ? Math.exp(from + x * (Math.log(most) - from))
                        : least + x * (most - least));
        return DoubleStream.concat(DoubleStream.of(others), DoubleStream.concat(DoubleStream.of(least, most), some))
                .map(x -> (float) Math.max(least, Math.min(most, x)))
                .toArray();
    }

    private void bounded(String opcode, Measure measure, double bound, DoubleUnaryOperator exact, double... arguments) {
        List<long[]> rows = new ArrayList<>();
        for (double argument : arguments) rows.add(row(f32(argument)));
        compare(
                Instruction.of(opcode + " d, a;", "f32", "f32"),
                measure,
                bound,
                rows,
                x -> exact.applyAsDouble(Bits.f32(x[0])));
    }

    private interface Exact {
        double of(long[] operands);
    }

    private void compare(Instruction instruction, Measure measure, double bound, List<long[]> rows, Exact exact) {
        List<Long> results = instruction.on(rows);
        for (int i = 0; i < rows.size(); i++) {
            double wanted = exact.of(rows.get(i));
            double found = Bits.f32(results.get(i));
            double off = Math.abs(found - wanted);
            assertThat(off)
                    .as(
                            "%s of %s gives %s for %s; seed %d",
                            instruction.text(), floats(rows.get(i)), found, wanted, seed)
                    .isLessThanOrEqualTo(measure == Measure.ABSOLUTE ? bound : bound * Math.abs(wanted));
        }
    }

    private static List<Float> floats(long[] operands) {
        List<Float> floats = new ArrayList<>();
        for (long operand : operands) floats.add(Bits.f32(operand));
        return floats;
    }

    @Test
    void sineAndCosine() {
        for (String flush : new String[] {"", ".ftz"}) {
            double[] near = between(-2 * Math.PI, 2 * Math.PI, 0, Math.PI, -Math.PI, Math.PI / 2);
            double[] far = between(-100 * Math.PI, 100 * Math.PI, 99 * Math.PI);
            bounded("sin.approx" + flush + ".f32", Measure.ABSOLUTE, Math.pow(2, -20.5), Math::sin, near);
            bounded("cos.approx" + flush + ".f32", Measure.ABSOLUTE, Math.pow(2, -20.5), Math::cos, near);
            bounded("sin.approx" + flush + ".f32", Measure.ABSOLUTE, Math.pow(2, -14.7), Math::sin, far);
            bounded("cos.approx" + flush + ".f32", Measure.ABSOLUTE, Math.pow(2, -14.7), Math::cos, far);
        }
        check(
                Instruction.of("sin.approx.f32 d, a;", "f32", "f32"),
                row(0, 0),
                row(MINUS, MINUS),
                row(INFINITY, CANONICAL_NAN),
                row(NAN, CANONICAL_NAN));
        check(
                Instruction.of("cos.approx.f32 d, a;", "f32", "f32"),
                row(0, f32(1)),
                row(INFINITY | MINUS, CANONICAL_NAN));
    }

    @Test
    void powersAndLogarithms() {
        double bound = Math.pow(2, -22);
        bounded(
                "ex2.approx.ftz.f32",
                Measure.RELATIVE,
                bound,
                x -> Math.pow(2, x),
                between(-125.5, 127.99, 0, 1, -1, 0.5));
        bounded("ex2.approx.f32", Measure.RELATIVE, bound, x -> Math.pow(2, x), between(-125.5, 127.99, 0, 1, -1, 0.5));
        DoubleUnaryOperator log = x -> Math.log(x) / Math.log(2);
        bounded("lg2.approx.f32", Measure.ABSOLUTE, bound, log, between(0.5, 2, 1, 1 + 0x1p-23, 1 - 0x1p-24));
        bounded("lg2.approx.f32", Measure.RELATIVE, bound, log, between(2, MOST, 3, 1e30));
        bounded("lg2.approx.f32", Measure.RELATIVE, bound, log, between(Float.MIN_VALUE, 0.5, LEAST_NORMAL));
        check(
                Instruction.of("ex2.approx.f32 d, a;", "f32", "f32"),
                row(INFINITY, INFINITY),
                row(INFINITY | MINUS, 0),
                row(MINUS, f32(1)),
                row(1, f32(1)),
                row(NAN, CANONICAL_NAN));
        check(
                Instruction.of("lg2.approx.ftz.f32 d, a;", "f32", "f32"),
                row(0, INFINITY | MINUS),
                row(MINUS, INFINITY | MINUS),
                row(1, INFINITY | MINUS),
                row(INFINITY, INFINITY),
                row(INFINITY | MINUS, CANONICAL_NAN),
                row(f32(-2), CANONICAL_NAN));
    }

    @Test
    void hyperbolicTangents() {
        bounded("tanh.approx.f32", Measure.RELATIVE, Math.pow(2, -11), Math::tanh, between(-12, 12, 1e-6, 1e-30, -0.5));
        check(
                Instruction.of("tanh.approx.f32 d, a;", "f32", "f32"),
                row(0, 0),
                row(MINUS, MINUS),
                row(INFINITY, f32(1)),
                row(INFINITY | MINUS, f32(-1)),
                row(NAN, CANONICAL_NAN));
        List<long[]> halves = new ArrayList<>();
        for (int i = 0; i < ARGUMENTS; i++) halves.add(row(Half.F16.nearest(random.nextGaussian() * 3)));
        List<Long> results =
                Instruction.of("tanh.approx.f16 d, a;", "f16", "f16").on(halves);
        for (int i = 0; i < ARGUMENTS; i++)
            assertThat(Half.F16.number(results.get(i)))
                    .as("tanh.approx.f16 of %x; seed %d", halves.get(i)[0], seed)
                    .isCloseTo(Math.tanh(Half.F16.number(halves.get(i)[0])), offset(Math.pow(2, -10.987)));
    }

    @Test
    void reciprocalsAndRoots() {
        double[] positive = between(LEAST_NORMAL, 0x1p126, 1, 2, 3, 0x1.fffffep0);
        bounded("rcp.approx.f32", Measure.RELATIVE, Math.pow(2, -23), x -> 1 / x, positive);
        bounded("rcp.approx.ftz.f32", Measure.RELATIVE, Math.pow(2, -23), x -> 1 / x, positive);
        bounded("sqrt.approx.f32", Measure.RELATIVE, Math.pow(2, -23), Math::sqrt, positive);
        bounded("rsqrt.approx.f32", Measure.RELATIVE, Math.pow(2, -22.9), x -> 1 / Math.sqrt(x), positive);
        bounded(
                "sqrt.approx.f32",
                Measure.RELATIVE,
                Math.pow(2, -23),
                Math::sqrt,
                between(Float.MIN_VALUE, LEAST_NORMAL));
        check(
                Instruction.of("rcp.approx.ftz.f32 d, a;", "f32", "f32"),
                row(0, INFINITY),
                row(MINUS, INFINITY | MINUS),
                row(1, INFINITY),
                row(INFINITY | MINUS, MINUS),
                row(NAN, CANONICAL_NAN));
        check(
                Instruction.of("sqrt.approx.ftz.f32 d, a;", "f32", "f32"),
                row(MINUS, MINUS),
                row(1, 0),
                row(f32(-1), CANONICAL_NAN),
                row(INFINITY, INFINITY));
        check(
                Instruction.of("rsqrt.approx.ftz.f32 d, a;", "f32", "f32"),
                row(1, INFINITY),
                row(MINUS, INFINITY | MINUS),
                row(INFINITY, 0),
                row(f32(-1), CANONICAL_NAN));
    }

    /** As the compiler divides doubles: from the upper half of the operand the upper half of the result. */
    @Test
    void grossReciprocalsOfDoubles() {
        List<long[]> rows = new ArrayList<>();
        for (int i = 0; i < ARGUMENTS; i++)
            rows.add(row(f64(Math.scalb(1 + random.nextDouble(), random.nextInt(2000) - 1000))));
        List<Long> reciprocals =
                Instruction.of("rcp.approx.ftz.f64 d, a;", "f64", "f64").on(rows);
        List<Long> roots =
                Instruction.of("rsqrt.approx.ftz.f64 d, a;", "f64", "f64").on(rows);
        for (int i = 0; i < ARGUMENTS; i++) {
            double x = Bits.f64(rows.get(i)[0]);
            assertThat(Bits.f64(reciprocals.get(i)) * x)
                    .as("1 / %s, seed %d", x, seed)
                    .isCloseTo(1, offset(Math.pow(2, -18)));
            assertThat(Bits.f64(roots.get(i)) * Math.sqrt(x))
                    .as("1 / sqrt %s, seed %d", x, seed)
                    .isCloseTo(1, offset(Math.pow(2, -18)));
            assertThat((reciprocals.get(i) | roots.get(i)) & 0xffffffffL).isZero();
        }
        check(
                Instruction.of("rcp.approx.ftz.f64 d, a;", "f64", "f64"),
                row(f64(4), f64(0.25)),
                row(1, f64(Double.POSITIVE_INFINITY)),
                row(Long.MIN_VALUE | 1, f64(Double.NEGATIVE_INFINITY)),
                row(f64(Double.NEGATIVE_INFINITY), Long.MIN_VALUE),
                row(f64(Double.MAX_VALUE), 0));
    }

    /** Two units in the last place: a quotient between 1 and 2 may be off by 2 in 2^23. */
    @Test
    void quotients() {
        double bound = 2 * Math.pow(2, -23);
        quotients("div.full.f32", bound, between(0x1p-60, 0x1p60), between(0x1p-60, 0x1p60));
        quotients("div.approx.f32", bound, between(0x1p-60, 0x1p60), between(0x1p-60, 0x1p60));
        quotients("div.full.f32", bound, between(0x1p66, MOST), between(0x1p66, MOST));
        quotients("div.approx.ftz.f32", bound, between(0x1p66, 0x1p126), between(0x1p66, 0x1p126));
        check(
                Instruction.of("div.approx.f32 d, a, b;", "f32", "f32", "f32"),
                row(f32(1), f32(0x1.8p126), 0), // beyond 2^126 its result is 0
                row(f32(MOST), f32(MOST), 0),
                row(INFINITY, f32(MOST), CANONICAL_NAN),
                row(f32(8), f32(0x1p126), f32(0x1p-123)),
                row(f32(1), 0, INFINITY),
                row(0, 0, CANONICAL_NAN));
        check(Instruction.of("div.full.f32 d, a, b;", "f32", "f32", "f32"), row(f32(MOST), f32(MOST), f32(1)));
    }

    private void quotients(String opcode, double bound, double[] dividends, double[] divisors) {
        List<long[]> rows = new ArrayList<>();
        for (int i = 0; i < ARGUMENTS; i++) rows.add(row(f32(dividends[i]), f32(divisors[(i * 7 + 3) % ARGUMENTS])));
        compare(
                Instruction.of(opcode + " d, a, b;", "f32", "f32", "f32"),
                Measure.RELATIVE,
                bound,
                rows,
                x -> (double) Bits.f32(x[0]) / Bits.f32(x[1]));
    }
}
