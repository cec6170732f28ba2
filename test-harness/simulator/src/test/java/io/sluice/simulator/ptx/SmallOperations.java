package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Operation.add;

import io.sluice.simulator.ptx.Operation.Kind;
import io.sluice.simulator.ptx.Operation.Meaning;
import java.math.BigInteger;
import java.util.List;

/** What PTX computes of parts of registers: 24 bits, bytes, halves, signs. */
final class SmallOperations {
    private SmallOperations() {}

    static void addTo(List<Operation> list) {
        Kind r = Kind.B32;
        for (boolean signed : new boolean[] {false, true}) {
            String type = signed ? ".s32" : ".u32";
            add(list, "mul24.lo" + type, r, x -> product(x, signed, 0), r, r);
            add(list, "mul24.hi" + type, r, x -> product(x, signed, 16), r, r);
            add(list, "mad24.lo" + type, r, x -> Bits.zero(product(x, signed, 0) + x[2], 32), r, r, r);
            add(list, "mad24.hi" + type, r, x -> Bits.zero(product(x, signed, 16) + x[2], 32), r, r, r);
            add(list, "szext.wrap" + type, r, x -> extend(x[0], (int) x[1] & 31, signed), r, r);
            add(list, "szext.clamp" + type, r, x -> extend(x[0], (int) Math.min(x[1], 32), signed), r, r);
            for (boolean second : new boolean[] {false, true}) {
                String types = type + (second ? ".s32" : ".u32");
                add(list, "dp4a" + types, r, x -> dot(x, signed, 8, second, 0), r, r, r);
                add(list, "dp2a.lo" + types, r, x -> dot(x, signed, 16, second, 0), r, r, r);
                add(list, "dp2a.hi" + types, r, x -> dot(x, signed, 16, second, 2), r, r, r);
            }
        }
        add(list, "bmsk.clamp.b32", r, x -> mask(Math.min(x[0], 32), Math.min(x[1], 32)), r, r);
        add(list, "bmsk.wrap.b32", r, x -> mask(x[0] & 31, x[1] & 31), r, r);
        add(
                list,
                "copysign.f32",
                Kind.F32,
                x -> Bits.zero(Float.floatToRawIntBits(Math.copySign(Bits.f32(x[1] & 0x7fffffffL), sign(x[0]))), 32),
                Kind.F32,
                Kind.F32);
        test(list, "finite", x -> Double.isFinite(x) ? 1 : 0);
        test(list, "notanumber", x -> Double.isNaN(x) ? 1 : 0);
        add(
                list,
                "testp.subnormal.f32",
                Kind.PREDICATE,
                x -> Bits.f32(x[0]) != 0 && Math.abs(Bits.f32(x[0])) < Float.MIN_NORMAL ? 1 : 0,
                Kind.F32);
        permutations(list);
    }

    private interface Test {
        long of(double value);
    }

    private static void test(List<Operation> list, String name, Test test) {
        add(list, "testp." + name + ".f32", Kind.PREDICATE, x -> test.of(Bits.f32(x[0])), Kind.F32);
        add(list, "testp." + name + ".f64", Kind.PREDICATE, x -> test.of(Bits.f64(x[0])), Kind.F64);
    }

    private static float sign(long bits) {
        return (bits & 0x80000000L) != 0 ? -1f : 1f;
    }

    private static long product(long[] x, boolean signed, int shift) {
        BigInteger a = Bits.whole(x[0] & 0xffffff, 24, signed);
        BigInteger b = Bits.whole(x[1] & 0xffffff, 24, signed);
        return Bits.cut(a.multiply(b).shiftRight(shift), 32);
    }

    private static long dot(long[] x, boolean signed, int width, boolean second, int first) {
        long sum = x[2];
        for (int i = 0; i < 32 / width; i++) {
            long a = Bits.zero(x[0] >> (width * i), width);
            long b = Bits.zero(x[1] >> (8 * (first + i)), 8);
            sum += (signed ? Bits.sign(a, width) : a) * (second ? Bits.sign(b, 8) : b);
        }
        return Bits.zero(sum, 32);
    }

    private static long mask(long from, long count) {
        return Bits.cut(
                BigInteger.ONE.shiftLeft((int) count).subtract(BigInteger.ONE).shiftLeft((int) from), 32);
    }

    private static long extend(long value, int width, boolean signed) {
        if (width == 0) return 0;
        long low = Bits.zero(value, width);
        return Bits.zero(signed ? Bits.sign(low, width) : low, 32);
    }

    /** The modes of prmt by what the ISA's table has for each selector: the bytes from the highest on. */
    private static void permutations(List<Operation> list) {
        String[][] modes = {
            {"f4e", "3210", "4321", "5432", "6543"},
            {"b4e", "5670", "6701", "7012", "0123"},
            {"rc8", "0000", "1111", "2222", "3333"},
            {"ecl", "3210", "3211", "3222", "3333"},
            {"ecr", "0000", "1110", "2210", "3210"},
            {"rc16", "1010", "3232", "1010", "3232"},
        };
        for (String[] mode : modes) {
            Meaning meaning = x -> {
                long bytes = x[0] | x[1] << 32;
                long result = 0;
                for (char place : mode[1 + (int) (x[2] & 3)].toCharArray())
                    result = (result << 8) | ((bytes >>> (8 * (place - '0'))) & 0xff);
                return result;
            };
            add(list, "prmt.b32." + mode[0], Kind.B32, meaning, Kind.B32, Kind.B32, Kind.B32);
        }
    }
}
