package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** Rows of operands with the result that the PTX ISA asks for, and the values that they are made of. */
final class Rows {
    static final long NAN = 0x7fc01234L;
    static final long CANONICAL_NAN = 0x7fffffffL;
    static final long INFINITY = 0x7f800000L;
    static final long MINUS = 0x80000000L;
    static final long ONES = 0xffffffffL;

    private Rows() {}

    static void check(Instruction instruction, long[]... rowsThenResult) {
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

    static long[] row(long... values) {
        return values;
    }

    static long f32(double value) {
        return Float.floatToRawIntBits((float) value) & ONES;
    }

    static long f64(double value) {
        return Double.doubleToRawLongBits(value);
    }
}
