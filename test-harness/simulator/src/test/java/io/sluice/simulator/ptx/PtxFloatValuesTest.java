package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Rows.CANONICAL_NAN;
import static io.sluice.simulator.ptx.Rows.INFINITY;
import static io.sluice.simulator.ptx.Rows.MINUS;
import static io.sluice.simulator.ptx.Rows.NAN;
import static io.sluice.simulator.ptx.Rows.check;
import static io.sluice.simulator.ptx.Rows.f32;
import static io.sluice.simulator.ptx.Rows.f64;
import static io.sluice.simulator.ptx.Rows.row;

import org.junit.jupiter.api.Test;

/** Floats at the edges, as the PTX ISA has them. */
class PtxFloatValuesTest {
    @Test
    void makesCanonicalNansOfF32() {
        check(
                Instruction.of("add.f32 d, a, b;", "f32", "f32", "f32"),
                row(INFINITY, INFINITY | MINUS, CANONICAL_NAN),
                row(NAN, f32(1), CANONICAL_NAN),
                row(f32(1), f32(2), f32(3)));
        check(
                Instruction.of("mul.f32 d, a, b;", "f32", "f32", "f32"),
                row(0, INFINITY, CANONICAL_NAN),
                row(MINUS, f32(3), MINUS));
        check(
                Instruction.of("sqrt.rn.f32 d, a;", "f32", "f32"),
                row(f32(-1), CANONICAL_NAN),
                row(MINUS, MINUS),
                row(f32(2), f32(Math.sqrt(2))));
        check(
                Instruction.of("div.rn.f32 d, a, b;", "f32", "f32", "f32"),
                row(0, 0, CANONICAL_NAN),
                row(f32(1), 0, INFINITY),
                row(f32(1), MINUS, INFINITY | MINUS));
        check(
                Instruction.of("fma.rn.f32 d, a, b, c;", "f32", "f32", "f32", "f32"),
                row(0, INFINITY, f32(1), CANONICAL_NAN),
                row(0x3f800001, 0x3f800001, f32(-1), 0x34800000));
        check(
                Instruction.of("add.f64 d, a, b;", "f64", "f64", "f64"),
                row(f64(Double.POSITIVE_INFINITY), f64(Double.NEGATIVE_INFINITY), 0xfff8000000000000L),
                row(0x7ff0000000000123L, f64(1), 0x7ff8000000000123L));
    }

    @Test
    void ordersMinimaAndMaximaAroundNanAndZero() {
        check(
                Instruction.of("min.f32 d, a, b;", "f32", "f32", "f32"),
                row(NAN, f32(1), f32(1)),
                row(f32(1), NAN, f32(1)),
                row(NAN, NAN, CANONICAL_NAN),
                row(0, MINUS, MINUS),
                row(MINUS, 0, MINUS));
        check(
                Instruction.of("max.f32 d, a, b;", "f32", "f32", "f32"),
                row(NAN, f32(1), f32(1)),
                row(0, MINUS, 0),
                row(MINUS, 0, 0),
                row(f32(-3), f32(-2), f32(-2)));
        check(
                Instruction.of("max.NaN.f32 d, a, b;", "f32", "f32", "f32"),
                row(NAN, f32(1), CANONICAL_NAN),
                row(f32(2), f32(1), f32(2)));
        check(
                Instruction.of("min.f64 d, a, b;", "f64", "f64", "f64"),
                row(f64(Double.NaN), f64(1), f64(1)),
                row(0, f64(-0.0), f64(-0.0)));
    }

    @Test
    void flushesSubnormalsOnlyWhenAsked() {
        check(Instruction.of("add.f32 d, a, b;", "f32", "f32", "f32"), row(1, 1, 2), row(MINUS | 1, 0, MINUS | 1));
        check(
                Instruction.of("add.ftz.f32 d, a, b;", "f32", "f32", "f32"),
                row(1, 1, 0),
                row(MINUS | 1, MINUS, MINUS),
                row(0x00800000, MINUS | 0x00800001, MINUS));
        check(
                Instruction.of("mul.ftz.f32 d, a, b;", "f32", "f32", "f32"),
                row(0x00800000, f32(0.5), 0),
                row(0x00800000, f32(-0.5), MINUS));
        check(Instruction.of("setp.eq.ftz.f32 d, a, b;", "pred", "f32", "f32"), row(1, 0, 1), row(f32(1), 0, 0));
        check(Instruction.of("cvt.ftz.f64.f32 d, a;", "f64", "f32"), row(1, 0), row(f32(1.5), f64(1.5)));
        check(Instruction.of("fma.rn.ftz.f32 d, a, b, c;", "f32", "f32", "f32", "f32"), row(1, f32(1), MINUS | 2, 0));
    }

    @Test
    void saturatesIntoZeroToOne() {
        check(
                Instruction.of("add.sat.f32 d, a, b;", "f32", "f32", "f32"),
                row(f32(1), f32(1), f32(1)),
                row(f32(-1), 0, 0),
                row(NAN, 0, 0),
                row(f32(0.25), f32(0.25), f32(0.5)));
        check(Instruction.of("cvt.sat.f32.f32 d, a;", "f32", "f32"), row(NAN, 0), row(f32(7), f32(1)), row(MINUS, 0));
    }

    @Test
    void roundsAsTheInstructionSays() {
        check(Instruction.of("div.rn.f32 d, a, b;", "f32", "f32", "f32"), row(f32(1), f32(3), 0x3eaaaaab));
        check(
                Instruction.of("div.rz.f32 d, a, b;", "f32", "f32", "f32"),
                row(f32(1), f32(3), 0x3eaaaaaa),
                row(f32(-1), f32(3), 0xbeaaaaaaL));
        check(
                Instruction.of("div.rm.f32 d, a, b;", "f32", "f32", "f32"),
                row(f32(1), f32(3), 0x3eaaaaaa),
                row(f32(-1), f32(3), 0xbeaaaaabL));
        check(
                Instruction.of("div.rp.f32 d, a, b;", "f32", "f32", "f32"),
                row(f32(1), f32(3), 0x3eaaaaab),
                row(f32(-1), f32(3), 0xbeaaaaaaL));
        check(
                Instruction.of("add.rp.f32 d, a, b;", "f32", "f32", "f32"),
                row(f32(1), 1, 0x3f800001),
                row(f32(-1), 1, 0xbf7fffffL));
        check(
                Instruction.of("add.rm.f32 d, a, b;", "f32", "f32", "f32"),
                row(f32(1), 1, 0x3f800000),
                row(f32(1), f32(-1), MINUS),
                row(0x7f7fffff, 0x7f7fffff, 0x7f7fffff));
        check(
                Instruction.of("mul.rz.f32 d, a, b;", "f32", "f32", "f32"),
                row(0x3f800001, 0x3f800001, 0x3f800002),
                row(0x7f7fffff, f32(2), 0x7f7fffff));
        check(Instruction.of("sqrt.rp.f32 d, a;", "f32", "f32"), row(f32(2), 0x3fb504f4), row(f32(4), f32(2)));
        check(Instruction.of("sqrt.rm.f64 d, a;", "f64", "f64"), row(f64(2), 0x3ff6a09e667f3bccL));
        check(Instruction.of("rcp.rp.f64 d, a;", "f64", "f64"), row(f64(3), 0x3fd5555555555556L));
        check(
                Instruction.of("fma.rz.f64 d, a, b, c;", "f64", "f64", "f64", "f64"),
                row(f64(1), f64(1), f64(-1e-300), 0x3fefffffffffffffL));
    }

    @Test
    void comparesWithNans() {
        String[] ordered = {"eq", "ne", "lt", "le", "gt", "ge", "num"};
        String[] unordered = {"equ", "neu", "ltu", "leu", "gtu", "geu", "nan"};
        for (String comparison : ordered)
            check(
                    Instruction.of("setp." + comparison + ".f32 d, a, b;", "pred", "f32", "f32"),
                    row(NAN, f32(1), 0),
                    row(f32(1), NAN, 0),
                    row(NAN, NAN, 0));
        for (String comparison : unordered)
            check(
                    Instruction.of("setp." + comparison + ".f64 d, a, b;", "pred", "f64", "f64"),
                    row(f64(Double.NaN), f64(1), 1),
                    row(f64(1), f64(Double.NaN), 1));
        check(Instruction.of("setp.eq.f32 d, a, b;", "pred", "f32", "f32"), row(0, MINUS, 1));
        check(
                Instruction.of("setp.ltu.f32 d, a, b;", "pred", "f32", "f32"),
                row(f32(1), f32(2), 1),
                row(f32(2), f32(1), 0));
    }

    @Test
    void approximatesWithinAFewUlp() {
        check(Instruction.of("rcp.approx.f32 d, a;", "f32", "f32"), row(f32(4), f32(0.25)), row(0, INFINITY));
        check(
                Instruction.of("rsqrt.approx.f32 d, a;", "f32", "f32"),
                row(f32(4), f32(0.5)),
                row(0, INFINITY),
                row(MINUS, INFINITY | MINUS),
                row(f32(-1), CANONICAL_NAN));
        check(
                Instruction.of("ex2.approx.f32 d, a;", "f32", "f32"),
                row(f32(10), f32(1024)),
                row(f32(-1000), 0),
                row(f32(1000), INFINITY),
                row(INFINITY | MINUS, 0));
        check(
                Instruction.of("lg2.approx.f32 d, a;", "f32", "f32"),
                row(f32(1024), f32(10)),
                row(0, INFINITY | MINUS),
                row(f32(-1), CANONICAL_NAN));
        check(Instruction.of("sin.approx.f32 d, a;", "f32", "f32"), row(0, 0), row(f32(1), f32(Math.sin(1))));
        check(Instruction.of("cos.approx.ftz.f32 d, a;", "f32", "f32"), row(1, f32(1)));
        check(Instruction.of("tanh.approx.f32 d, a;", "f32", "f32"), row(f32(100), f32(1)));
        check(Instruction.of("div.full.f32 d, a, b;", "f32", "f32", "f32"), row(f32(9), f32(3), f32(3)));
    }
}
