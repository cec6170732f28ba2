package io.sluice.simulator.ptx;

import java.util.ArrayList;
import java.util.List;

/** An instruction as text, and what it computes of the bits of its operands. */
record Operation(String opcode, Kind result, List<Kind> operands, Meaning meaning) {
    /** Kinds of registers, with the letter of their names. */
    enum Kind {
        PREDICATE("p", "pred", 1, 0),
        B16("h", "b16", 16, 1),
        B32("r", "b32", 32, 2),
        B64("d", "b64", 64, 3),
        F32("f", "f32", 32, 4),
        F64("g", "f64", 64, 5);

        final String letter;
        final String type;
        final int width;
        final int place; // of the kind's registers among the values of a thread

        Kind(String letter, String type, int width, int place) {
            this.letter = letter;
            this.type = type;
            this.width = width;
            this.place = place;
        }
    }

    @FunctionalInterface
    interface Meaning {
        long of(long[] x);
    }

    static final List<Operation> ALL = all();

    static Kind bits(int width) {
        return width == 16 ? Kind.B16 : width == 32 ? Kind.B32 : Kind.B64;
    }

    private static List<Operation> all() {
        List<Operation> list = new ArrayList<>();
        IntegerOperations.addTo(list);
        FloatOperations.addTo(list);
        RoundedOperations.addTo(list);
        CompareOperations.addTo(list);
        ConvertOperations.addTo(list);
        HalfOperations.addTo(list);
        SmallOperations.addTo(list);
        return list;
    }

    static void add(List<Operation> list, String opcode, Kind result, Meaning meaning, Kind... operands) {
        list.add(new Operation(opcode, result, List.of(operands), meaning));
    }
}
