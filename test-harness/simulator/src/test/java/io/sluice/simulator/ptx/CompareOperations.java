package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Operation.add;
import static io.sluice.simulator.ptx.Operation.bits;

import io.sluice.simulator.ptx.Operation.Kind;
import io.sluice.simulator.ptx.Operation.Meaning;
import java.util.List;

/** What PTX compares. */
final class CompareOperations {
    private static final String[] COMPARISONS = {"eq", "ne", "lt", "le", "gt", "ge"};

    private CompareOperations() {}

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

    static void addTo(List<Operation> list) {
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
}
