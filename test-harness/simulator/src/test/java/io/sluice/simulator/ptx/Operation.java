package io.sluice.simulator.ptx;

import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** An instruction as text, and what it computes of the bits of its operands. */
record Operation(String opcode, Kind result, List<Kind> operands, Meaning meaning) {
    /** Kinds of registers, with the letter of their names. */
    enum Kind {
        PREDICATE("p", "pred", 1),
        B16("h", "b16", 16),
        B32("r", "b32", 32),
        B64("d", "b64", 64),
        F32("f", "f32", 32),
        F64("g", "f64", 64);

        final String letter;
        final String type;
        final int width;

        Kind(String letter, String type, int width) {
            this.letter = letter;
            this.type = type;
            this.width = width;
        }
    }

    @FunctionalInterface
    interface Meaning {
        long of(long[] x);
    }

    @FunctionalInterface
    private interface Whole {
        BigInteger of(BigInteger[] x);
    }

    private static final String[] ROUNDINGS = {".rz", ".rm", ".rp"};
    private static final RoundingMode[] MODES = {RoundingMode.DOWN, RoundingMode.FLOOR, RoundingMode.CEILING};
    private static final String[] COMPARISONS = {"eq", "ne", "lt", "le", "gt", "ge"};

    static final List<Operation> ALL = all();

    private static Kind bits(int width) {
        return width == 16 ? Kind.B16 : width == 32 ? Kind.B32 : Kind.B64;
    }

    private static List<Operation> all() {
        List<Operation> list = new ArrayList<>();
        for (int width : new int[] {16, 32, 64}) {
            for (boolean signed : new boolean[] {false, true}) integers(list, width, signed);
            logic(list, width);
        }
        fields(list);
        floats(list);
        comparisons(list);
        conversions(list);
        return list;
    }

    private static void add(List<Operation> list, String opcode, Kind result, Meaning meaning, Kind... operands) {
        list.add(new Operation(opcode, result, List.of(operands), meaning));
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

    private static void floats(List<Operation> list) {
        Kind f = Kind.F32;
        Kind g = Kind.F64;
        add(list, "add.f32", f, x -> Bits.f32(Bits.f32(x[0]) + Bits.f32(x[1])), f, f);
        add(list, "sub.rn.f32", f, x -> Bits.f32(Bits.f32(x[0]) - Bits.f32(x[1])), f, f);
        add(list, "mul.f32", f, x -> Bits.f32(Bits.f32(x[0]) * Bits.f32(x[1])), f, f);
        add(list, "div.rn.f32", f, x -> Bits.f32(Bits.f32(x[0]) / Bits.f32(x[1])), f, f);
        add(list, "fma.rn.f32", f, x -> Bits.f32(Math.fma(Bits.f32(x[0]), Bits.f32(x[1]), Bits.f32(x[2]))), f, f, f);
        add(list, "sqrt.rn.f32", f, x -> Bits.f32((float) Math.sqrt(Bits.f32(x[0]))), f);
        add(list, "rcp.rn.f32", f, x -> Bits.f32(1f / Bits.f32(x[0])), f);
        add(
                list,
                "add.ftz.f32",
                f,
                x -> Bits.flush(Bits.f32(Bits.f32(Bits.flush(x[0])) + Bits.f32(Bits.flush(x[1])))),
                f,
                f);
        add(
                list,
                "mul.ftz.sat.f32",
                f,
                x -> Bits.saturate(Bits.flush(Bits.f32(Bits.f32(Bits.flush(x[0])) * Bits.f32(Bits.flush(x[1]))))),
                f,
                f);
        add(list, "sub.sat.f32", f, x -> Bits.saturate(Bits.f32(Bits.f32(x[0]) - Bits.f32(x[1]))), f, f);
        add(list, "abs.f32", f, x -> x[0] & 0x7fffffffL, f);
        add(list, "neg.f32", f, x -> x[0] ^ 0x80000000L, f);
        add(list, "min.f32", f, x -> extreme(x, false), f, f);
        add(list, "max.f32", f, x -> extreme(x, true), f, f);
        long one = Bits.f32(1f);
        for (int i = 0; i < MODES.length; i++) {
            RoundingMode mode = MODES[i];
            add(list, "fma" + ROUNDINGS[i] + ".f32", f, x -> Bits.directedFma(x[0], x[1], x[2], mode), f, f, f);
            add(list, "add" + ROUNDINGS[i] + ".f32", f, x -> Bits.directedFma(x[0], one, x[1], mode), f, f);
            add(
                    list,
                    "mul" + ROUNDINGS[i] + ".f32",
                    f,
                    x -> Bits.directedFma(x[0], x[1], (x[0] ^ x[1]) & 0x80000000L, mode),
                    f,
                    f);
        }
        add(list, "add.f64", g, x -> Bits.f64(Bits.f64(x[0]) + Bits.f64(x[1]), x), g, g);
        add(list, "sub.f64", g, x -> Bits.f64(Bits.f64(x[0]) - Bits.f64(x[1]), x), g, g);
        add(list, "mul.f64", g, x -> Bits.f64(Bits.f64(x[0]) * Bits.f64(x[1]), x), g, g);
        add(list, "div.rn.f64", g, x -> Bits.f64(Bits.f64(x[0]) / Bits.f64(x[1]), x), g, g);
        add(list, "fma.rn.f64", g, x -> Bits.f64(Math.fma(Bits.f64(x[0]), Bits.f64(x[1]), Bits.f64(x[2])), x), g, g, g);
        add(list, "sqrt.rn.f64", g, x -> Bits.f64(Math.sqrt(Bits.f64(x[0])), x), g);
        add(list, "neg.f64", g, x -> x[0] ^ Long.MIN_VALUE, g);
        add(list, "selp.f32", f, x -> x[2] != 0 ? x[0] : x[1], f, f, Kind.PREDICATE);
    }

    private static long extreme(long[] x, boolean largest) {
        float a = Bits.f32(x[0]);
        float b = Bits.f32(x[1]);
        if (Float.isNaN(a)) return Float.isNaN(b) ? 0x7fffffffL : x[1];
        if (Float.isNaN(b)) return x[0];
        return Bits.f32(largest ? Math.max(a, b) : Math.min(a, b));
    }

    private static boolean holds(int comparison, int order) {
        return switch (comparison) {
            case 0 -> order == 0;
            case 1 -> order != 0;
            case 2 -> order < 0;
            case 3 -> order <= 0;
            case 4 -> order > 0;
            default -> order >= 0;
        };
    }

    private static void comparisons(List<Operation> list) {
        for (int c = 0; c < COMPARISONS.length; c++) {
            int comparison = c;
            String name = "setp." + COMPARISONS[c];
            for (int width : new int[] {16, 32, 64}) {
                for (boolean signed : new boolean[] {false, true}) {
                    Meaning order = x -> holds(
                                    comparison,
                                    Bits.whole(x[0], width, signed).compareTo(Bits.whole(x[1], width, signed)))
                            ? 1
                            : 0;
                    add(list, name + (signed ? ".s" : ".u") + width, Kind.PREDICATE, order, bits(width), bits(width));
                }
            }
            add(
                    list,
                    name + ".f32",
                    Kind.PREDICATE,
                    x -> compare(comparison, Bits.f32(x[0]), Bits.f32(x[1]), false),
                    Kind.F32,
                    Kind.F32);
            add(
                    list,
                    name + "u.f32",
                    Kind.PREDICATE,
                    x -> compare(comparison, Bits.f32(x[0]), Bits.f32(x[1]), true),
                    Kind.F32,
                    Kind.F32);
            add(
                    list,
                    name + ".f64",
                    Kind.PREDICATE,
                    x -> compare(comparison, Bits.f64(x[0]), Bits.f64(x[1]), false),
                    Kind.F64,
                    Kind.F64);
            Meaning combined = x -> (holds(comparison, Integer.compare((int) x[0], (int) x[1])) ? 1 : 0) & x[2];
            add(list, name + ".and.s32", Kind.PREDICATE, combined, Kind.B32, Kind.B32, Kind.PREDICATE);
            Meaning set = x -> (holds(comparison, Integer.compareUnsigned((int) x[0], (int) x[1])) ? 1 : 0) != x[2]
                    ? 0xffffffffL
                    : 0;
            add(list, "set." + COMPARISONS[c] + ".xor.u32.u32", Kind.B32, set, Kind.B32, Kind.B32, Kind.PREDICATE);
        }
    }

    private static long compare(int comparison, double a, double b, boolean unordered) {
        if (Double.isNaN(a) || Double.isNaN(b)) return unordered ? 1 : 0;
        return holds(comparison, a == b ? 0 : a < b ? -1 : 1) ? 1 : 0;
    }

    private static void conversions(List<Operation> list) {
        int[] widths = {8, 16, 32, 64};
        for (int from : new int[] {16, 32, 64}) {
            for (int to : widths) {
                for (int signs = 0; signs < 4; signs++)
                    convertWhole(list, from, (signs & 1) != 0, to, (signs & 2) != 0);
            }
        }
        String[] names = {".rni", ".rzi", ".rmi", ".rpi"};
        RoundingMode[] modes = {RoundingMode.HALF_EVEN, RoundingMode.DOWN, RoundingMode.FLOOR, RoundingMode.CEILING};
        for (int i = 0; i < names.length; i++) {
            RoundingMode mode = modes[i];
            for (int to : new int[] {16, 32, 64}) {
                for (boolean signed : new boolean[] {false, true}) {
                    String type = (signed ? ".s" : ".u") + to;
                    add(
                            list,
                            "cvt" + names[i] + type + ".f32",
                            bits(to),
                            x -> Bits.toWhole(Bits.f32(x[0]), mode, to, signed),
                            Kind.F32);
                    add(
                            list,
                            "cvt" + names[i] + type + ".f64",
                            bits(to),
                            x -> Bits.toWhole(Bits.f64(x[0]), mode, to, signed),
                            Kind.F64);
                }
            }
        }
        for (int from : new int[] {16, 32, 64}) {
            for (boolean signed : new boolean[] {false, true}) {
                String type = (signed ? ".s" : ".u") + from;
                add(
                        list,
                        "cvt.rn.f32" + type,
                        Kind.F32,
                        x -> Bits.f32(Bits.whole(x[0], from, signed).floatValue()),
                        bits(from));
                add(
                        list,
                        "cvt.rn.f64" + type,
                        Kind.F64,
                        x -> Bits.f64(Bits.whole(x[0], from, signed).doubleValue()),
                        bits(from));
            }
        }
        add(list, "cvt.rn.f32.f64", Kind.F32, x -> Bits.f32((float) Bits.f64(x[0])), Kind.F64);
        add(list, "mov.b32", Kind.F32, x -> x[0], Kind.B32);
        add(list, "mov.b32", Kind.B32, x -> x[0], Kind.F32);
        add(list, "mov.b64", Kind.F64, x -> x[0], Kind.B64);
        add(list, "mov.b64", Kind.B64, x -> x[0], Kind.F64);
    }

    private static void convertWhole(List<Operation> list, int from, boolean fromSigned, int to, boolean toSigned) {
        String types = (toSigned ? ".s" : ".u") + to + (fromSigned ? ".s" : ".u") + from;
        Kind into = bits(Math.max(to, 16));
        Meaning plain = x -> widen(Bits.cut(Bits.whole(x[0], from, fromSigned), to), to, toSigned, into.width);
        Meaning clamped =
                x -> widen(Bits.clamp(Bits.whole(x[0], from, fromSigned), to, toSigned), to, toSigned, into.width);
        add(list, "cvt" + types, into, plain, bits(from));
        add(list, "cvt.sat" + types, into, clamped, bits(from));
    }

    private static long widen(long bits, int width, boolean signed, int registerWidth) {
        return Bits.zero(signed ? Bits.sign(bits, width) : bits, registerWidth);
    }
}
