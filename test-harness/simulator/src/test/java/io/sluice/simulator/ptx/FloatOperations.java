package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Operation.add;

import io.sluice.simulator.ptx.Operation.Kind;
import java.math.RoundingMode;
import java.util.List;

/** What PTX computes of floats. */
final class FloatOperations {
    private static final String[] ROUNDINGS = {".rz", ".rm", ".rp"};
    private static final RoundingMode[] MODES = {RoundingMode.DOWN, RoundingMode.FLOOR, RoundingMode.CEILING};

    private FloatOperations() {}

    static void addTo(List<Operation> list) {
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

    static long extreme(long[] x, boolean largest) {
        float a = Bits.f32(x[0]);
        float b = Bits.f32(x[1]);
        if (Float.isNaN(a)) return Float.isNaN(b) ? 0x7fffffffL : x[1];
        if (Float.isNaN(b)) return x[0];
        return Bits.f32(largest ? Math.max(a, b) : Math.min(a, b));
    }
}
