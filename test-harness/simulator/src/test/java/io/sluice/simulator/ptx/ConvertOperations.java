package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Operation.add;
import static io.sluice.simulator.ptx.Operation.bits;

import io.sluice.simulator.ptx.Operation.Kind;
import io.sluice.simulator.ptx.Operation.Meaning;
import java.math.RoundingMode;
import java.util.List;

/** What PTX converts. */
final class ConvertOperations {
    private ConvertOperations() {}

    static void addTo(List<Operation> list) {
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
