package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Rows.MINUS;
import static io.sluice.simulator.ptx.Rows.NAN;
import static io.sluice.simulator.ptx.Rows.ONES;
import static io.sluice.simulator.ptx.Rows.check;
import static io.sluice.simulator.ptx.Rows.f32;
import static io.sluice.simulator.ptx.Rows.row;

import org.junit.jupiter.api.Test;

/** Whole numbers at the edges, as the PTX ISA has them. */
class PtxIntegerValuesTest {
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
                row(MINUS, MINUS, Long.MAX_VALUE, 0xbfffffffffffffffL));
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
}
