package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Operation.add;

import io.sluice.simulator.ptx.Operation.Kind;
import io.sluice.simulator.ptx.Operation.Meaning;
import java.util.Arrays;
import java.util.List;

/** What PTX computes of .f16 and .bf16, alone and in pairs. */
final class HalfOperations {
    private HalfOperations() {}

    static void addTo(List<Operation> list) {
        for (Half half : Half.values()) {
            boolean plain = half == Half.F16;
            long minusOne = half.one() | 0x8000;
            both(list, half, "add", "", 2, x -> half.fma(x[0], half.one(), x[1]));
            both(list, half, "sub.rn", "", 2, x -> half.fma(x[1], minusOne, x[0]));
            both(list, half, "mul", "", 2, x -> half.fma(x[0], x[1], (x[0] ^ x[1]) & 0x8000));
            both(list, half, "fma.rn", "", 3, x -> half.fma(x[0], x[1], x[2]));
            both(list, half, "fma.rn.relu", "", 3, x -> half.relu(half.fma(x[0], x[1], x[2])));
            both(list, half, "min", "", 2, x -> half.extreme(x[0], x[1], false, false));
            both(list, half, "max.NaN", "", 2, x -> half.extreme(x[0], x[1], true, true));
            both(list, half, "abs", "", 1, x -> x[0] & 0x7fff);
            both(list, half, "neg", "", 1, x -> x[0] ^ 0x8000);
            if (plain) flushing(list, half);
            conversions(list, half);
            comparisons(list, half);
        }
    }

    private static void flushing(List<Operation> list, Half half) {
        both(
                list,
                half,
                "add.ftz.sat",
                "",
                2,
                x -> half.saturate(half.flush(half.fma(half.flush(x[0]), half.one(), half.flush(x[1])))));
        both(list, half, "mul.sat", "", 2, x -> half.saturate(half.fma(x[0], x[1], (x[0] ^ x[1]) & 0x8000)));
        both(
                list,
                half,
                "fma.rn.ftz",
                "",
                3,
                x -> half.flush(half.fma(half.flush(x[0]), half.flush(x[1]), half.flush(x[2]))));
        both(
                list,
                half,
                "max.ftz",
                "",
                2,
                x -> half.flush(half.extreme(half.flush(x[0]), half.flush(x[1]), true, false)));
    }

    /** The operation on one value and on a pair. */
    private static void both(List<Operation> list, Half half, String name, String ending, int count, Meaning meaning) {
        Kind[] one = new Kind[count];
        Kind[] two = new Kind[count];
        Arrays.fill(one, Kind.B16);
        Arrays.fill(two, Kind.B32);
        add(list, name + "." + half.type + ending, Kind.B16, meaning, one);
        add(list, name + "." + half.type + "x2" + ending, Kind.B32, x -> pair(meaning, x), two);
    }

    private static long pair(Meaning meaning, long[] x) {
        long[] low = Arrays.stream(x).map(value -> value & 0xffff).toArray();
        long[] high = Arrays.stream(x).map(value -> value >>> 16).toArray();
        return meaning.of(low) | meaning.of(high) << 16;
    }

    private static void conversions(List<Operation> list, Half half) {
        String to = "." + half.type;
        Meaning narrowed = x -> half.nearest(Bits.f32(x[0]));
        add(list, "cvt.rn" + to + ".f32", Kind.B16, narrowed, Kind.F32);
        add(list, "cvt.rn.relu" + to + ".f32", Kind.B16, x -> half.relu(narrowed.of(x)), Kind.F32);
        add(list, "cvt.f32" + to, Kind.F32, x -> Bits.f32((float) half.number(x[0])), Kind.B16);
        add(
                list,
                "cvt.rn" + to + "x2.f32",
                Kind.B32,
                x -> half.nearest(Bits.f32(x[1])) | half.nearest(Bits.f32(x[0])) << 16,
                Kind.F32,
                Kind.F32);
        if (half != Half.F16) return;
        add(list, "cvt.rn.f16.f64", Kind.B16, x -> half.nearest(Bits.f64(x[0])), Kind.F64);
        add(list, "cvt.rn.sat.f16.f32", Kind.B16, x -> half.saturate(narrowed.of(x)), Kind.F32);
        add(list, "cvt.rn.f16.s32", Kind.B16, x -> half.nearest((int) x[0]), Kind.B32);
        add(
                list,
                "cvt.rzi.s32.f16",
                Kind.B32,
                x -> Bits.toWhole(half.number(x[0]), java.math.RoundingMode.DOWN, 32, true),
                Kind.B16);
    }

    private static void comparisons(List<Operation> list, Half half) {
        Meaning less = x -> half.number(x[0]) < half.number(x[1]) ? 1 : 0;
        Meaning notGreater = x -> half.number(x[0]) > half.number(x[1]) ? 0 : 1;
        add(list, "setp.lt." + half.type, Kind.PREDICATE, less, Kind.B16, Kind.B16);
        add(list, "setp.leu." + half.type, Kind.PREDICATE, notGreater, Kind.B16, Kind.B16);
        add(list, "set.lt." + half.type + "." + half.type, Kind.B16, x -> less.of(x) * half.one(), Kind.B16, Kind.B16);
    }
}
