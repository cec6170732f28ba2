package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the PTX ISA says of values at the edges, by construction. */
class PtxEdgeValuesTest {
    private static final long NAN = 0x7fc01234L;
    private static final long CANONICAL_NAN = 0x7fffffffL;
    private static final long INFINITY = 0x7f800000L;
    private static final long MINUS = 0x80000000L;
    private static final long ONES = 0xffffffffL;

    private static void check(Instruction instruction, long[]... rowsThenResult) {
        List<long[]> rows = List.of(rowsThenResult);
        List<Long> results = instruction.on(rows);
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            long[] row = rows.get(i);
            long wanted = row[row.length - 1];
            if (results.get(i) != wanted) wrong.add(describe(row) + " gave 0x" + Long.toHexString(results.get(i)));
        }
        assertThat(wrong).as(instruction.text()).isEmpty();
    }

    private static String describe(long[] row) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < row.length - 1; i++)
            text.append("0x").append(Long.toHexString(row[i])).append(' ');
        return text + "-> 0x" + Long.toHexString(row[row.length - 1]);
    }

    private static long[] row(long... values) {
        return values;
    }

    private static long f32(double value) {
        return Float.floatToRawIntBits((float) value) & ONES;
    }

    private static long f64(double value) {
        return Double.doubleToRawLongBits(value);
    }

    @Test
    void dividesByZeroAndOverflowsWithoutAFault() {
        check(
                Instruction.of("div.s32 d, a, b;", "s32", "s32", "s32"),
                row(MINUS, ONES, MINUS),
                row(7, 0, ONES),
                row(0xfffffff9L, 2, 0xfffffffdL),
                row(0, 0, ONES));
        check(
                Instruction.of("rem.s32 d, a, b;", "s32", "s32", "s32"),
                row(MINUS, ONES, 0),
                row(0xfffffff9L, 2, ONES),
                row(7, 0xfffffffeL, 1),
                row(7, 0, ONES));
        check(Instruction.of("div.u32 d, a, b;", "u32", "u32", "u32"), row(7, 0, ONES), row(ONES, 2, 0x7fffffff));
        check(
                Instruction.of("div.s64 d, a, b;", "s64", "s64", "s64"),
                row(Long.MIN_VALUE, -1, Long.MIN_VALUE),
                row(5, 0, -1),
                row(-9, 2, -4));
        check(Instruction.of("rem.s64 d, a, b;", "s64", "s64", "s64"), row(Long.MIN_VALUE, -1, 0), row(-9, 2, -1));
        check(Instruction.of("div.u64 d, a, b;", "u64", "u64", "u64"), row(-1, 2, Long.MAX_VALUE), row(1, 0, -1));
        check(Instruction.of("div.s16 d, a, b;", "s16", "s16", "s16"), row(0x8000, 0xffff, 0x8000), row(9, 0, 0xffff));
        check(Instruction.of("abs.s32 d, a;", "s32", "s32"), row(MINUS, MINUS), row(ONES, 1), row(5, 5));
        check(Instruction.of("neg.s32 d, a;", "s32", "s32"), row(MINUS, MINUS), row(1, ONES));
    }

    @Test
    void clampsShiftAmountsToTheWidth() {
        check(
                Instruction.of("shl.b32 d, a, b;", "b32", "b32", "b32"),
                row(1, 31, MINUS),
                row(1, 32, 0),
                row(1, ONES, 0),
                row(3, 0, 3));
        check(
                Instruction.of("shr.u32 d, a, b;", "u32", "u32", "b32"),
                row(MINUS, 31, 1),
                row(MINUS, 32, 0),
                row(MINUS, 1L << 31, 0));
        check(
                Instruction.of("shr.s32 d, a, b;", "s32", "s32", "b32"),
                row(MINUS, 31, ONES),
                row(MINUS, 32, ONES),
                row(MINUS, ONES, ONES),
                row(0x7fffffff, 99, 0));
        check(
                Instruction.of("shl.b64 d, a, b;", "b64", "b64", "b32"),
                row(1, 63, Long.MIN_VALUE),
                row(1, 64, 0),
                row(1, ONES, 0));
        check(
                Instruction.of("shr.s64 d, a, b;", "s64", "s64", "b32"),
                row(Long.MIN_VALUE, 63, -1),
                row(Long.MIN_VALUE, 200, -1),
                row(8, 2, 2));
        check(Instruction.of("shr.u64 d, a, b;", "u64", "u64", "b32"), row(-1, 63, 1), row(-1, 64, 0));
        check(Instruction.of("shl.b16 d, a, b;", "b16", "b16", "b32"), row(0xffff, 15, 0x8000), row(0xffff, 16, 0));
        check(
                Instruction.of("shr.s16 d, a, b;", "s16", "s16", "b32"),
                row(0x8000, 15, 0xffff),
                row(0x8000, 16, 0xffff),
                row(0x7fff, 40, 0));
        check(
                Instruction.of("shf.l.wrap.b32 d, a, b, c;", "b32", "b32", "b32", "b32"),
                row(MINUS, 1, 1, 3),
                row(5, 9, 32, 9));
        check(
                Instruction.of("shf.r.clamp.b32 d, a, b, c;", "b32", "b32", "b32", "b32"),
                row(0, 1, 1, MINUS),
                row(5, 9, 32, 9),
                row(5, 9, 99, 9));
    }

    @Test
    void multipliesWideAndHigh() {
        check(Instruction.of("mul.hi.u64 d, a, b;", "u64", "u64", "u64"), row(-1, -1, -2), row(1L << 63, 2, 1));
        check(
                Instruction.of("mul.hi.s64 d, a, b;", "s64", "s64", "s64"),
                row(-1, -1, 0),
                row(Long.MIN_VALUE, Long.MIN_VALUE, 1L << 62));
        check(Instruction.of("mul.hi.u32 d, a, b;", "u32", "u32", "u32"), row(ONES, ONES, 0xfffffffeL));
        check(
                Instruction.of("mul.hi.s32 d, a, b;", "s32", "s32", "s32"),
                row(ONES, ONES, 0),
                row(MINUS, MINUS, 0x40000000));
        check(
                Instruction.of("mul.wide.s32 d, a, b;", "s64", "s32", "s32"),
                row(ONES, ONES, 1),
                row(MINUS, MINUS, 1L << 62),
                row(MINUS, 1, -1L << 31));
        check(Instruction.of("mul.wide.u16 d, a, b;", "u32", "u16", "u16"), row(0xffff, 0xffff, 0xfffe0001L));
        check(Instruction.of("mul.wide.s16 d, a, b;", "s32", "s16", "s16"), row(0xffff, 2, 0xfffffffeL));
        check(
                Instruction.of("mad.wide.s32 d, a, b, c;", "s64", "s32", "s32", "s64"),
                row(ONES, 5, 3, -2),
                row(MINUS, MINUS, Long.MAX_VALUE, (1L << 62) + Long.MAX_VALUE));
        check(Instruction.of("mad.hi.u32 d, a, b, c;", "u32", "u32", "u32", "u32"), row(ONES, ONES, 3, 1));
        check(
                Instruction.of("add.sat.s32 d, a, b;", "s32", "s32", "s32"),
                row(0x7fffffff, 1, 0x7fffffff),
                row(MINUS, ONES, MINUS),
                row(5, 6, 11));
        check(
                Instruction.of("sub.sat.s32 d, a, b;", "s32", "s32", "s32"),
                row(MINUS, 1, MINUS),
                row(0, MINUS, 0x7fffffff));
        check(
                Instruction.of("add.cc.u32 d, a, b; addc.u32 d, c, 0;", "u32", "u32", "u32", "u32"),
                row(ONES, 1, 7, 8),
                row(ONES, 0, 7, 7));
        check(
                Instruction.of("sub.cc.u64 d, a, b; subc.u64 d, c, 0;", "u64", "u64", "u64", "u64"),
                row(0, 1, 7, 6),
                row(1, 1, 7, 7));
        check(
                Instruction.of("sad.s32 d, a, b, c;", "s32", "s32", "s32", "u32"),
                row(MINUS, 0x7fffffff, 0, ONES),
                row(3, 5, 1, 3));
    }

    @Test
    void findsAndMovesBits() {
        check(Instruction.of("popc.b64 d, a;", "b32", "b64"), row(-1, 64), row(0, 0), row(1L << 63, 1));
        check(Instruction.of("clz.b32 d, a;", "b32", "b32"), row(0, 32), row(1, 31), row(MINUS, 0));
        check(Instruction.of("clz.b64 d, a;", "b32", "b64"), row(0, 64), row(1, 63));
        check(Instruction.of("brev.b32 d, a;", "b32", "b32"), row(1, MINUS), row(0xf0, 0x0f000000));
        check(Instruction.of("bfind.u32 d, a;", "u32", "u32"), row(0, ONES), row(1, 0), row(MINUS, 31));
        check(
                Instruction.of("bfind.s32 d, a;", "u32", "s32"),
                row(0, ONES),
                row(ONES, ONES),
                row(MINUS, 30),
                row(1, 0));
        check(Instruction.of("bfind.s64 d, a;", "u32", "s64"), row(-1, ONES), row(Long.MIN_VALUE, 62), row(256, 8));
        check(Instruction.of("bfind.shiftamt.u32 d, a;", "u32", "u32"), row(0, ONES), row(1, 31), row(MINUS, 0));
        check(
                Instruction.of("bfe.u32 d, a, b, c;", "u32", "u32", "b32", "b32"),
                row(0xabcd1234L, 8, 8, 0x12),
                row(0xabcd1234L, 28, 8, 0xa),
                row(ONES, 0, 0, 0),
                row(ONES, 40, 3, 0));
        check(
                Instruction.of("bfe.s32 d, a, b, c;", "s32", "s32", "b32", "b32"),
                row(0xabcd1234L, 24, 8, 0xffffffabL),
                row(MINUS, 28, 8, 0xfffffff8L),
                row(MINUS, 50, 4, ONES),
                row(ONES, 3, 0, 0),
                row(0x40, 4, 3, 0xfffffffcL));
        check(
                Instruction.of("bfi.b32 d, a, b, c, 4;", "b32", "b32", "b32", "b32"),
                row(0xf, 0, 8, 0xf00),
                row(0, ONES, 30, 0x3fffffff),
                row(0xf, 7, 32, 7));
        check(
                Instruction.of("lop3.b32 d, a, b, c, 0x96;", "b32", "b32", "b32", "b32"),
                row(0xf0f0, 0xff00, 0x1234, 0xf0f0 ^ 0xff00 ^ 0x1234));
        check(Instruction.of("lop3.b32 d, a, b, c, 0xe8;", "b32", "b32", "b32", "b32"), row(0xcL, 0xaL, 0x9L, 0x8));
        check(
                Instruction.of("prmt.b32 d, a, b, c;", "b32", "b32", "b32", "b32"),
                row(0x33221100, 0x77665544, 0x7531, 0x77553311),
                row(0x00800000, 0, 0xa, 0xff));
        check(Instruction.of("cnot.b32 d, a;", "b32", "b32"), row(0, 1), row(2, 0));
        check(Instruction.of("not.b16 d, a;", "b16", "b16"), row(0x00ff, 0xff00));
        check(
                Instruction.of("slct.u32.s32 d, a, b, c;", "u32", "u32", "u32", "s32"),
                row(1, 2, 0, 1),
                row(1, 2, ONES, 2));
        check(
                Instruction.of("slct.f32.f32 d, a, b, c;", "f32", "f32", "f32", "f32"),
                row(1, 2, MINUS, 1),
                row(1, 2, NAN, 2));
    }

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
    void comparesIntegersBySign() {
        check(Instruction.of("setp.lt.s32 d, a, b;", "pred", "s32", "s32"), row(ONES, 0, 1), row(0, ONES, 0));
        check(Instruction.of("setp.lo.u32 d, a, b;", "pred", "u32", "u32"), row(ONES, 0, 0), row(0, ONES, 1));
        check(Instruction.of("setp.ge.s16 d, a, b;", "pred", "s16", "s16"), row(0xffff, 0, 0), row(0, 0x8000, 1));
        check(Instruction.of("setp.hs.u64 d, a, b;", "pred", "u64", "u64"), row(-1, 1, 1), row(1, -1, 0));
        check(
                Instruction.of("setp.gt.and.s64 d, a, b, !c;", "pred", "s64", "s64", "pred"),
                row(1, -1, 0, 1),
                row(1, -1, 1, 0),
                row(-1, 1, 0, 0));
        check(Instruction.of("set.lt.u32.s32 d, a, b;", "u32", "s32", "s32"), row(ONES, 0, ONES), row(1, 0, 0));
        check(Instruction.of("set.ne.f32.u32 d, a, b;", "f32", "u32", "u32"), row(1, 0, f32(1)), row(1, 1, 0));
        check(
                Instruction.of(".reg .pred e; setp.lt.xor.s32 e|d, a, b, c;", "pred", "s32", "s32", "pred"),
                row(1, 2, 0, 0),
                row(1, 2, 1, 1),
                row(2, 1, 0, 1),
                row(2, 1, 1, 0));
    }

    @Test
    void packsAndUnpacks() {
        check(
                Instruction.of("mov.b64 d, {a, b};", "b64", "b32", "b32"),
                row(1, 2, 0x200000001L),
                row(ONES, MINUS, 0x80000000ffffffffL));
        check(Instruction.of(".reg .b32 e; mov.b64 {e, d}, a;", "b32", "b64"), row(0x200000001L, 2));
        check(Instruction.of("mov.b32 d, {a, b};", "b32", "b16", "b16"), row(0x1234, 0xabcd, 0xabcd1234L));
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
