package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Rows.CANONICAL_NAN;
import static io.sluice.simulator.ptx.Rows.INFINITY;
import static io.sluice.simulator.ptx.Rows.MINUS;
import static io.sluice.simulator.ptx.Rows.NAN;
import static io.sluice.simulator.ptx.Rows.ONES;
import static io.sluice.simulator.ptx.Rows.check;
import static io.sluice.simulator.ptx.Rows.f32;
import static io.sluice.simulator.ptx.Rows.f64;
import static io.sluice.simulator.ptx.Rows.row;

import org.junit.jupiter.api.Test;

/** Conversions at the edges, as the PTX ISA has them. */
class PtxConversionValuesTest {
    @Test
    void clampsFloatsThatFitNoInteger() {
        check(
                Instruction.of("cvt.rzi.s32.f32 d, a;", "s32", "f32"),
                row(NAN, 0),
                row(f32(3e9), 0x7fffffff),
                row(f32(-3e9), MINUS),
                row(f32(-1.9), ONES),
                row(INFINITY, 0x7fffffff));
        check(
                Instruction.of("cvt.rzi.u32.f32 d, a;", "u32", "f32"),
                row(f32(-1), 0),
                row(f32(5e9), ONES),
                row(f32(3e9), 3000000000L),
                row(NAN, 0));
        check(
                Instruction.of("cvt.rni.s32.f32 d, a;", "s32", "f32"),
                row(f32(0.5), 0),
                row(f32(1.5), 2),
                row(f32(-2.5), 0xfffffffeL));
        check(
                Instruction.of("cvt.rmi.s32.f64 d, a;", "s32", "f64"),
                row(f64(-0.1), ONES),
                row(f64(2147483647.5), 0x7fffffff),
                row(f64(-2147483648.5), MINUS));
        check(
                Instruction.of("cvt.rpi.s64.f64 d, a;", "s64", "f64"),
                row(f64(0.1), 1),
                row(f64(1e300), Long.MAX_VALUE),
                row(f64(-1e300), Long.MIN_VALUE));
        check(
                Instruction.of("cvt.rzi.u64.f64 d, a;", "u64", "f64"),
                row(f64(1e300), -1),
                row(f64(-5), 0),
                row(f64(0x1p63), Long.MIN_VALUE),
                row(f64(Double.NaN), 0));
        check(Instruction.of("cvt.rzi.s8.f32 d, a;", "s32", "f32"), row(f32(200), 0x7f), row(f32(-200), 0xffffff80L));
        check(Instruction.of("cvt.rzi.u16.f64 d, a;", "u16", "f64"), row(f64(70000), 0xffff), row(f64(41.9), 41));
        check(
                Instruction.of("cvt.rmi.f32.f32 d, a;", "f32", "f32"),
                row(f32(-1.5), f32(-2)),
                row(f32(-0.0), MINUS),
                row(f32(1e20), f32(1e20)));
    }

    @Test
    void convertsBetweenIntegers() {
        check(Instruction.of("cvt.s64.s32 d, a;", "s64", "s32"), row(ONES, -1), row(5, 5));
        check(Instruction.of("cvt.u64.u32 d, a;", "u64", "u32"), row(ONES, ONES));
        check(Instruction.of("cvt.u32.u64 d, a;", "u32", "u64"), row(-2, 0xfffffffeL));
        check(Instruction.of("cvt.s32.s8 d, a;", "s32", "s32"), row(0x80, 0xffffff80L), row(0x17f, 0x7f));
        check(Instruction.of("cvt.u16.u32 d, a;", "u16", "u32"), row(0x12345, 0x2345));
        check(Instruction.of("cvt.u32.u8 d, a;", "u32", "u64"), row(0x1234, 0x34));
        check(
                Instruction.of("cvt.sat.s8.s32 d, a;", "s32", "s32"),
                row(300, 0x7f),
                row(0xfffffed4L, 0xffffff80L),
                row(5, 5));
        check(Instruction.of("cvt.sat.u8.s32 d, a;", "u32", "s32"), row(300, 255), row(ONES, 0));
        check(Instruction.of("cvt.sat.u32.s64 d, a;", "u32", "s64"), row(-5, 0), row(1L << 40, ONES));
        check(Instruction.of("cvt.sat.s64.u64 d, a;", "s64", "u64"), row(-1, Long.MAX_VALUE));
        check(Instruction.of("cvt.sat.u64.s64 d, a;", "u64", "s64"), row(-1, 0), row(Long.MAX_VALUE, Long.MAX_VALUE));
        check(Instruction.of("cvt.sat.s32.u32 d, a;", "s32", "u32"), row(ONES, 0x7fffffff));
    }

    @Test
    void convertsIntegersAndFloatsWithOneRounding() {
        check(
                Instruction.of("cvt.rn.f32.s32 d, a;", "f32", "s32"),
                row(0x1000001, f32(0x1p24)),
                row(0x1000003, f32(0x1.000002p24 * 1) + 1),
                row(MINUS, f32(-0x1p31)));
        check(
                Instruction.of("cvt.rp.f32.u32 d, a;", "f32", "u32"),
                row(0x1000001, f32(0x1p24) + 1),
                row(ONES, f32(0x1p32)));
        check(
                Instruction.of("cvt.rz.f32.u64 d, a;", "f32", "u64"),
                row(-1, 0x5f7fffff),
                row(Long.MIN_VALUE + 1, f32(0x1p63)));
        check(
                Instruction.of("cvt.rn.f32.u64 d, a;", "f32", "u64"),
                row(-1, f32(0x1p64)),
                row(0x8000008000000001L, 0x5f000001));
        check(
                Instruction.of("cvt.rm.f64.s64 d, a;", "f64", "s64"),
                row(Long.MAX_VALUE, 0x43dfffffffffffffL),
                row(Long.MIN_VALUE, f64(-0x1p63)));
        check(
                Instruction.of("cvt.rn.f32.f64 d, a;", "f32", "f64"),
                row(f64(1e300), INFINITY),
                row(f64(Double.NaN), CANONICAL_NAN),
                row(f64(1e-46), 0),
                row(f64(0.1), f32(0.1)));
        check(
                Instruction.of("cvt.rz.f32.f64 d, a;", "f32", "f64"),
                row(f64(1e300), 0x7f7fffff),
                row(f64(-1e-300), MINUS));
        check(Instruction.of("cvt.rp.f32.f64 d, a;", "f32", "f64"), row(f64(1e-300), 1), row(f64(1), f32(1)));
    }

    @Test
    void roundsTensorFloatsAwayFromZero() {
        check(
                Instruction.of("cvt.rna.tf32.f32 d, a;", "b32", "f32"),
                row(f32(1), f32(1)),
                row(0x3f800fff, f32(1)),
                row(0x3f801000, 0x3f802000),
                row(0xbf801000L, 0xbf802000L),
                row(0x7f7fffff, INFINITY),
                row(INFINITY | MINUS, INFINITY | MINUS),
                row(NAN, CANONICAL_NAN));
    }

    @Test
    void convertsHalves() {
        check(
                Instruction.of("cvt.f32.f16 d, a;", "f32", "f16"),
                row(0x3c00, f32(1)),
                row(0x0001, f32(0x1p-24)),
                row(0xfc00, INFINITY | MINUS),
                row(0x7c01, CANONICAL_NAN),
                row(0x7bff, f32(65504)),
                row(0x8000, MINUS));
        check(
                Instruction.of("cvt.rn.f16.f32 d, a;", "f16", "f32"),
                row(f32(1), 0x3c00),
                row(f32(65519), 0x7bff),
                row(f32(65520), 0x7c00),
                row(f32(0x1p-25), 0),
                row(0x33000001, 1),
                row(f32(-2.5), 0xc100),
                row(NAN, 0x7fff),
                row(MINUS, 0x8000),
                row(f32(0x1.ffcp0 + 0x1p-11), 0x4000));
        check(
                Instruction.of("cvt.rz.f16.f32 d, a;", "f16", "f32"),
                row(f32(1e9), 0x7bff),
                row(f32(-1e9), 0xfbff),
                row(f32(0x1p-25), 0));
        check(
                Instruction.of("cvt.rp.f16.f64 d, a;", "f16", "f64"),
                row(f64(1e-30), 1),
                row(f64(-1e-30), 0x8000),
                row(f64(-1e9), 0xfbff));
        check(
                Instruction.of("cvt.rn.f16.s32 d, a;", "f16", "s32"),
                row(2049, 0x6800),
                row(2051, 0x6802),
                row(100000, 0x7c00));
        check(Instruction.of("cvt.rzi.s32.f16 d, a;", "s32", "f16"), row(0xc100, 0xfffffffeL), row(0x7c00, 0x7fffffff));
    }
}
