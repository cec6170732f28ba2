package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * One instruction on many rows of operands, a thread for each row. The text names the result {@code d} and the operands {@code a},
 * {@code b} and {@code c}; types are those of the registers.
 */
record Instruction(String text, String result, List<String> operands) {
    private static final int ROW = 32;

    static Instruction of(String text, String result, String... operands) {
        return new Instruction(text, result, List.of(operands));
    }

    /** Rows of operand bits to result bits. */
    List<Long> on(List<long[]> rows) {
        ByteBuffer buffer = ByteBuffer.allocate(rows.size() * ROW).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < rows.size(); row++) {
            for (int i = 0; i < operands.size(); i++) buffer.putLong(row * ROW + 8 * i, rows.get(row)[i]);
        }
        Result run = Interpreter.SANITIZED.run(ptx(), Launch.of("row", rows.size(), "buffer"), buffer.array());
        assertThat(run.status()).as(run.message()).isEqualTo(Interpreter.Status.OK);
        ByteBuffer after = ByteBuffer.wrap(run.buffer()).order(ByteOrder.LITTLE_ENDIAN);
        List<Long> results = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) results.add(after.getLong(row * ROW + 24));
        return results;
    }

    private String ptx() {
        StringBuilder ptx = new StringBuilder(Ptx.HEADER + ".visible .entry row(.param .u64 rows)\n{\n");
        ptx.append(".reg .b64 %rd<4>;\n.reg .b32 %t;\n.reg .b32 %w;\n");
        declare(ptx, result, "d");
        for (int i = 0; i < operands.size(); i++) declare(ptx, operands.get(i), "abc".substring(i, i + 1));
        ptx.append("ld.param.u64 %rd0, [rows];\nmov.u32 %t, %tid.x;\nmad.wide.u32 %rd1, %t, " + ROW + ", %rd0;\n");
        for (int i = 0; i < operands.size(); i++) load(ptx, operands.get(i), "abc".substring(i, i + 1), 8 * i);
        ptx.append(text).append('\n');
        ptx.append("mov.u64 %rd2, 0;\nst.global.u64 [%rd1+24], %rd2;\n");
        if (result.equals("pred")) ptx.append("selp.u32 %w, 1, 0, d;\nst.global.u32 [%rd1+24], %w;\n");
        else ptx.append("st.global." + bits(result) + " [%rd1+24], d;\n");
        return ptx.append("ret;\n}\n").toString();
    }

    private static String bits(String type) {
        return "b" + type.substring(1);
    }

    private static void declare(StringBuilder ptx, String type, String name) {
        ptx.append(".reg ." + type + " " + name + ";\n");
    }

    private static void load(StringBuilder ptx, String type, String name, int offset) {
        if (type.equals("pred"))
            ptx.append("ld.global.u32 %w, [%rd1+" + offset + "];\nsetp.ne.u32 " + name + ", %w, 0;\n");
        else ptx.append("ld.global." + bits(type) + " " + name + ", [%rd1+" + offset + "];\n");
    }
}
