package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Operation.add;
import static io.sluice.simulator.ptx.Operation.bits;

import io.sluice.simulator.ptx.Operation.Kind;
import io.sluice.simulator.ptx.Operation.Meaning;
import java.math.BigInteger;
import java.util.List;

/** What PTX computes of whole numbers and bits. */
final class IntegerOperations {
    @FunctionalInterface
    private interface Whole {
        BigInteger of(BigInteger[] x);
    }

    private IntegerOperations() {}

    static void addTo(List<Operation> list) {
        for (int width : new int[] {16, 32, 64}) {
            for (boolean signed : new boolean[] {false, true}) integers(list, width, signed);
            logic(list, width);
        }
        fields(list);
    }

    private static void whole(
            List<Operation> list, String opcode, int width, boolean signed, int resultWidth, int count, Whole value) {
        Kind[] kinds = new Kind[count];
        for (int i = 0; i < count; i++) kinds[i] = i == 2 ? bits(resultWidth) : bits(width);
        Meaning meaning = x -> {
            BigInteger[] numbers = new BigInteger[count];
            for (int i = 0; i < count; i++) numbers[i] = Bits.whole(x[i], i == 2 ? resultWidth : width, signed);
            return Bits.cut(value.of(numbers), resultWidth);
        };
        add(list, opcode, bits(resultWidth), meaning, kinds);
    }

    private static void integers(List<Operation> list, int width, boolean signed) {
        String type = (signed ? ".s" : ".u") + width;
        BigInteger ones = BigInteger.ONE.negate();
        whole(list, "add" + type, width, signed, width, 2, x -> x[0].add(x[1]));
        whole(list, "sub" + type, width, signed, width, 2, x -> x[0].subtract(x[1]));
        whole(list, "mul.lo" + type, width, signed, width, 2, x -> x[0].multiply(x[1]));
        whole(
                list,
                "mul.hi" + type,
                width,
                signed,
                width,
                2,
                x -> x[0].multiply(x[1]).shiftRight(width));
        whole(
                list,
                "mad.lo" + type,
                width,
                signed,
                width,
                3,
                x -> x[0].multiply(x[1]).add(x[2]));
        whole(
                list,
                "mad.hi" + type,
                width,
                signed,
                width,
                3,
                x -> x[0].multiply(x[1]).shiftRight(width).add(x[2]));
        whole(
                list,
                "sad" + type,
                width,
                signed,
                width,
                3,
                x -> x[0].subtract(x[1]).abs().add(x[2]));
        whole(list, "div" + type, width, signed, width, 2, x -> x[1].signum() == 0 ? ones : x[0].divide(x[1]));
        whole(list, "rem" + type, width, signed, width, 2, x -> x[1].signum() == 0 ? ones : x[0].remainder(x[1]));
        whole(list, "min" + type, width, signed, width, 2, x -> x[0].min(x[1]));
        whole(list, "max" + type, width, signed, width, 2, x -> x[0].max(x[1]));
        if (width < 64) {
            whole(list, "mul.wide" + type, width, signed, 2 * width, 2, x -> x[0].multiply(x[1]));
            whole(
                    list,
                    "mad.wide" + type,
                    width,
                    signed,
                    2 * width,
                    3,
                    x -> x[0].multiply(x[1]).add(x[2]));
        }
        if (signed) {
            whole(list, "abs" + type, width, true, width, 1, x -> x[0].abs());
            whole(list, "neg" + type, width, true, width, 1, x -> x[0].negate());
        }
        Meaning shift = x -> {
            int by = (int) Math.min(Bits.zero(x[1], 32), 64);
            return Bits.cut(Bits.whole(x[0], width, signed).shiftRight(by), width);
        };
        add(list, "shr" + type, bits(width), shift, bits(width), Kind.B32);
    }

    private static void logic(List<Operation> list, int width) {
        Kind kind = bits(width);
        String type = ".b" + width;
        add(list, "and" + type, kind, x -> x[0] & x[1], kind, kind);
        add(list, "or" + type, kind, x -> x[0] | x[1], kind, kind);
        add(list, "xor" + type, kind, x -> x[0] ^ x[1], kind, kind);
        add(list, "not" + type, kind, x -> Bits.zero(~x[0], width), kind);
        add(list, "cnot" + type, kind, x -> x[0] == 0 ? 1 : 0, kind);
        add(list, "mov" + type, kind, x -> x[0], kind);
        add(list, "selp" + type, kind, x -> x[2] != 0 ? x[0] : x[1], kind, kind, Kind.PREDICATE);
        Meaning shift = x -> Bits.zero(x[1], 32) >= width ? 0 : Bits.zero(x[0] << x[1], width);
        add(list, "shl" + type, kind, shift, kind, Kind.B32);
    }

    private static void fields(List<Operation> list) {
        add(list, "and.pred", Kind.PREDICATE, x -> x[0] & x[1], Kind.PREDICATE, Kind.PREDICATE);
        add(list, "or.pred", Kind.PREDICATE, x -> x[0] | x[1], Kind.PREDICATE, Kind.PREDICATE);
        add(list, "xor.pred", Kind.PREDICATE, x -> x[0] ^ x[1], Kind.PREDICATE, Kind.PREDICATE);
        add(list, "not.pred", Kind.PREDICATE, x -> 1 - x[0], Kind.PREDICATE);
        for (int width : new int[] {32, 64}) {
            Kind kind = bits(width);
            add(list, "popc.b" + width, Kind.B32, x -> Long.bitCount(x[0]), kind);
            add(list, "clz.b" + width, Kind.B32, x -> Long.numberOfLeadingZeros(x[0]) - (64 - width), kind);
            add(list, "brev.b" + width, kind, x -> Long.reverse(x[0]) >>> (64 - width), kind);
            add(list, "bfe.u" + width, kind, x -> extract(x, width, false), kind, Kind.B32, Kind.B32);
            add(list, "bfe.s" + width, kind, x -> extract(x, width, true), kind, Kind.B32, Kind.B32);
            add(list, "bfi.b" + width, kind, x -> insert(x, width), kind, kind, Kind.B32, Kind.B32);
            add(list, "bfind.u" + width, Kind.B32, x -> Bits.zero(63 - Long.numberOfLeadingZeros(x[0]), 32), kind);
            add(
                    list,
                    "bfind.s" + width,
                    Kind.B32,
                    x -> {
                        long value = Bits.sign(x[0], width);
                        return Bits.zero(63 - Long.numberOfLeadingZeros(value < 0 ? ~value : value), 32);
                    },
                    kind);
        }
    }

    /** Bit by bit, as the ISA's pseudo code has it. */
    private static long extract(long[] x, int width, boolean signed) {
        int position = (int) (x[1] & 0xff);
        int length = (int) (x[2] & 0xff);
        long fill = signed && length > 0 ? x[0] >>> Math.min(position + length - 1, width - 1) & 1 : 0;
        long result = 0;
        for (int i = 0; i < width; i++)
            result |= (i < length && position + i < width ? x[0] >>> (position + i) & 1 : fill) << i;
        return result;
    }

    private static long insert(long[] x, int width) {
        int position = (int) (x[2] & 0xff);
        int length = (int) (x[3] & 0xff);
        long result = x[1];
        for (int i = 0; i < length && position + i < width; i++) {
            long bit = 1L << (position + i);
            result = (x[0] >>> Math.min(i, 63) & 1) != 0 && i < 64 ? result | bit : result & ~bit;
        }
        return result;
    }
}
