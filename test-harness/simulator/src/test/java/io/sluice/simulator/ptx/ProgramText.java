package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.RandomProgram.REGISTERS;
import static io.sluice.simulator.ptx.RandomProgram.RESULTS;
import static io.sluice.simulator.ptx.RandomProgram.SCRATCH;
import static io.sluice.simulator.ptx.RandomProgram.SCRATCH_BYTES;
import static io.sluice.simulator.ptx.RandomProgram.STRIDE;
import static io.sluice.simulator.ptx.RandomProgram.place;

import io.sluice.simulator.ptx.Operation.Kind;
import io.sluice.simulator.ptx.RandomProgram.Branch;
import io.sluice.simulator.ptx.RandomProgram.Compute;
import io.sluice.simulator.ptx.RandomProgram.Guarded;
import io.sluice.simulator.ptx.RandomProgram.Loop;
import io.sluice.simulator.ptx.RandomProgram.Move;
import io.sluice.simulator.ptx.RandomProgram.Node;
import io.sluice.simulator.ptx.RandomProgram.Operand;
import io.sluice.simulator.ptx.RandomProgram.Register;
import java.util.List;

/** Writes the trees of random programs as PTX: one kernel, of which each block runs a program of its own. */
final class ProgramText {
    private int names;

    /** Where there is but one program, all blocks run it. */
    String write(List<List<Node>> programs) {
        StringBuilder text = new StringBuilder(Ptx.HEADER + ".visible .entry k(.param .u64 data)\n{\n");
        for (Kind kind : Kind.values())
            text.append(".reg .")
                    .append(kind.type)
                    .append(" %")
                    .append(kind.letter)
                    .append("<4>;\n");
        text.append(".reg .b32 %t<8>;\n.reg .b64 %a<8>;\n.reg .b32 %count<65536>;\n.reg .pred %more;\n");
        text.append(".shared .align 8 .b8 shared[16384];\n.local .align 8 .b8 local[64];\n");
        text.append(
                "mov.u32 %t0, %tid.x;\nmov.u32 %t1, shared;\nmad.lo.u32 %t1, %t0, 256, %t1;\nmov.u64 %a2, local;\n");
        text.append("mov.u32 %t4, %ctaid.x;\nmov.u32 %t3, %ntid.x;\nmad.lo.u32 %t0, %t4, %t3, %t0;\n");
        text.append("ld.param.u64 %a0, [data];\nmad.wide.u32 %a1, %t0, " + STRIDE + ", %a0;\n");
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < REGISTERS; i++) initial(text, new Register(kind, i));
        }
        for (int i = 0; i < SCRATCH_BYTES; i += 8) {
            text.append("ld.global.b64 %a3, [%a1+" + (SCRATCH + i) + "];\nst.shared.b64 [%t1+" + i
                    + "], %a3;\nst.local.b64 [%a2+" + i + "], %a3;\n");
        }
        for (int i = 0; i < programs.size(); i++) {
            if (i > 0) text.append("bra $DONE;\n$PROGRAM" + i + ":\n");
            if (i + 1 < programs.size())
                text.append("setp.ne.u32 %more, %t4, " + i + ";\n@%more bra $PROGRAM" + (i + 1) + ";\n");
            write(text, programs.get(i));
        }
        text.append("$DONE:\n");
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < REGISTERS; i++) result(text, new Register(kind, i));
        }
        return text.append("ret;\n}\n").toString();
    }

    private static void initial(StringBuilder text, Register register) {
        String at = ", [%a1+" + place(register.kind(), register.index()) + "];\n";
        if (register.kind() == Kind.PREDICATE)
            text.append("ld.global.u32 %t2" + at + "setp.ne.u32 " + register + ", %t2, 0;\n");
        else text.append("ld.global." + register.kind().type + " " + register + at);
    }

    private static void result(StringBuilder text, Register register) {
        String at = "[%a1+" + (RESULTS + place(register.kind(), register.index())) + "], ";
        if (register.kind() == Kind.PREDICATE)
            text.append("selp.u32 %t2, 1, 0, " + register + ";\nst.global.u32 " + at + "%t2;\n");
        else text.append("st.global." + register.kind().type + " " + at + register + ";\n");
    }

    private void write(StringBuilder text, List<Node> nodes) {
        nodes.forEach(node -> write(text, node));
    }

    private void write(StringBuilder text, Node node) {
        if (node instanceof Compute compute) {
            text.append(compute.operation().opcode()).append(' ').append(compute.result());
            for (Operand operand : compute.operands()) text.append(", ").append(operand);
            text.append(";\n");
        } else if (node instanceof Guarded guarded) {
            text.append(guarded.negated() ? "@!" : "@")
                    .append(guarded.predicate())
                    .append(' ');
            write(text, guarded.node());
        } else if (node instanceof Move move) {
            text.append(moved(move));
        } else if (node instanceof Branch branch) {
            int name = names++;
            text.append("@!" + branch.predicate() + " bra $ELSE" + name + ";\n");
            write(text, branch.then());
            text.append("bra.uni $END" + name + ";\n$ELSE" + name + ":\n");
            write(text, branch.otherwise());
            text.append("$END" + name + ":\n");
        } else if (node instanceof Loop loop) {
            int name = names++;
            text.append("mov.u32 %count" + name + ", 0;\n$LOOP" + name + ":\n");
            write(text, loop.body());
            text.append("add.u32 %count" + name + ", %count" + name + ", 1;\nsetp.lt.u32 %more, %count" + name + ", "
                    + loop.count() + ";\n@%more bra $LOOP" + name + ";\n");
        }
    }

    private static String moved(Move move) {
        boolean whole = move.register().kind() != Kind.F32 && move.register().kind() != Kind.F64;
        String type = (whole ? (move.signed() ? ".s" : ".u") : ".f") + 8 * move.bytes();
        String base = move.space().equals(".shared")
                ? "%t1+" + move.offset()
                : move.space().equals(".local") ? "%a2+" + move.offset() : "%a1+" + (SCRATCH + move.offset());
        if (move.load()) return "ld" + move.space() + type + " " + move.register() + ", [" + base + "];\n";
        return "st" + move.space() + type + " [" + base + "], " + move.register() + ";\n";
    }
}
