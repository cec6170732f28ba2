package io.sluice.simulator.ptx;

import io.sluice.simulator.ptx.Operation.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A random program as a tree that can be written as PTX and evaluated. Each thread has {@link #STRIDE} bytes of the buffer: first the
 * values that its registers begin with, then memory for the program's own loads and stores, last the registers as the program leaves
 * them.
 */
final class RandomProgram {
    static final int STRIDE = 512;
    private static final int REGISTERS = 4;
    private static final int SCRATCH = 208;
    private static final int SCRATCH_BYTES = 64;
    private static final int RESULTS = 288;

    private final List<Node> body;
    private int names;

    private RandomProgram(List<Node> body) {
        this.body = body;
    }

    /** One thread: registers by kind, and its part of the buffer. */
    private static final class State {
        final Map<Kind, long[]> registers = new EnumMap<>(Kind.class);
        final ByteBuffer memory;

        State(ByteBuffer memory) {
            this.memory = memory;
            for (Kind kind : Kind.values()) registers.put(kind, new long[REGISTERS]);
        }

        long[] of(Kind kind) {
            return registers.getOrDefault(kind, new long[REGISTERS]);
        }
    }

    private sealed interface Operand permits Register, Constant {}

    private record Register(Kind kind, int index) implements Operand {
        @Override
        public String toString() {
            return "%" + kind.letter + index;
        }
    }

    private record Constant(Kind kind, long bits) implements Operand {
        @Override
        public String toString() {
            if (kind == Kind.F32) return String.format("0f%08x", bits);
            return kind == Kind.F64
                    ? String.format("0d%016x", bits)
                    : kind == Kind.B64 ? "0x" + Long.toHexString(bits) : Long.toString(bits);
        }
    }

    private sealed interface Node permits Compute, Guarded, Branch, Loop, Move {}

    private record Compute(Operation operation, Register result, List<Operand> operands) implements Node {}

    private record Guarded(Register predicate, boolean negated, Node node) implements Node {}

    private record Branch(Register predicate, List<Node> then, List<Node> otherwise) implements Node {}

    private record Loop(int count, List<Node> body) implements Node {}

    /** A load or store of {@code bytes}, sign extended if it says so. */
    private record Move(boolean load, String space, Register register, int bytes, boolean signed, int offset)
            implements Node {}

    // --- made

    static RandomProgram of(Random random) {
        return new RandomProgram(block(random, 8 + random.nextInt(40), 0));
    }

    private static List<Node> block(Random random, int size, int depth) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) nodes.add(node(random, depth));
        return nodes;
    }

    private static Node node(Random random, int depth) {
        int choice = random.nextInt(20);
        if (choice == 0 && depth < 3)
            return new Branch(
                    register(random, Kind.PREDICATE),
                    block(random, random.nextInt(6), depth + 1),
                    block(random, random.nextInt(4), depth + 1));
        if (choice == 1 && depth < 2)
            return new Loop(1 + random.nextInt(4), block(random, random.nextInt(6), depth + 1));
        if (choice == 2)
            return new Guarded(
                    register(random, Kind.PREDICATE),
                    random.nextBoolean(),
                    random.nextInt(4) == 0 ? move(random) : compute(random));
        return choice < 6 ? move(random) : compute(random);
    }

    private static Register register(Random random, Kind kind) {
        return new Register(kind, random.nextInt(REGISTERS));
    }

    private static Node compute(Random random) {
        Operation operation = Operation.ALL.get(random.nextInt(Operation.ALL.size()));
        List<Operand> operands = new ArrayList<>();
        for (Kind kind : operation.operands()) {
            boolean constant = kind != Kind.PREDICATE
                    && random.nextInt(5) == 0
                    && !operation.opcode().startsWith("mov")
                    && !operation.opcode().startsWith("cvt");
            operands.add(constant ? new Constant(kind, value(random, kind)) : register(random, kind));
        }
        return new Compute(operation, register(random, operation.result()), operands);
    }

    private static Node move(Random random) {
        Kind kind = new Kind[] {Kind.B16, Kind.B32, Kind.B64, Kind.F32, Kind.F64}[random.nextInt(5)];
        boolean whole = kind == Kind.B16 || kind == Kind.B32 || kind == Kind.B64;
        int bytes = kind.width / 8;
        while (whole && bytes > 1 && random.nextInt(3) == 0) bytes /= 2;
        String space = new String[] {".global", "", ".shared", ".local"}[random.nextInt(4)];
        return new Move(
                random.nextBoolean(),
                space,
                register(random, kind),
                bytes,
                whole && random.nextBoolean(),
                random.nextInt(SCRATCH_BYTES / bytes) * bytes);
    }

    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        31,
        32,
        63,
        64,
        0x7f,
        0x80,
        0x7fff,
        0x8000,
        0x7fffffffL,
        0x80000000L,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final float[] FLOATS = {
        0f,
        -0f,
        1f,
        -1f,
        0.5f,
        1.5f,
        2.5f,
        Float.MIN_VALUE,
        -Float.MIN_NORMAL,
        Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        1e9f,
        3e9f,
        -1e19f,
        255.5f,
        0x1p-126f
    };

    static long value(Random random, Kind kind) {
        boolean edge = random.nextInt(3) == 0;
        return switch (kind) {
            case PREDICATE -> random.nextInt(2);
            case F32 ->
                Float.floatToRawIntBits(
                                edge
                                        ? FLOATS[random.nextInt(FLOATS.length)]
                                        : random.nextBoolean()
                                                ? Float.intBitsToFloat(random.nextInt())
                                                : (float) (random.nextGaussian() * 100))
                        & 0xffffffffL;
            case F64 ->
                edge
                        ? Double.doubleToRawLongBits(FLOATS[random.nextInt(FLOATS.length)])
                        : random.nextBoolean()
                                ? random.nextLong()
                                : Double.doubleToRawLongBits(random.nextGaussian() * 1e10);
            default ->
                Bits.zero(
                        edge
                                ? EDGES[random.nextInt(EDGES.length)]
                                : random.nextBoolean() ? random.nextInt(100) : random.nextLong(),
                        kind.width);
        };
    }

    static byte[] input(Random random, int threads) {
        ByteBuffer buffer = ByteBuffer.allocate(threads * STRIDE).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int thread = 0; thread < threads; thread++) {
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < REGISTERS; i++)
                    buffer.putLong(thread * STRIDE + place(kind, i), value(random, kind));
            }
            for (int i = 0; i < SCRATCH_BYTES; i += 8) buffer.putLong(thread * STRIDE + SCRATCH + i, random.nextLong());
        }
        return buffer.array();
    }

    private static int place(Kind kind, int index) {
        return (kind.ordinal() * REGISTERS + index) * 8;
    }

    // --- written

    String ptx() {
        names = 0;
        StringBuilder text = new StringBuilder(Ptx.HEADER + ".visible .entry k(.param .u64 data)\n{\n");
        for (Kind kind : Kind.values())
            text.append(".reg .")
                    .append(kind.type)
                    .append(" %")
                    .append(kind.letter)
                    .append("<4>;\n");
        text.append(".reg .b32 %t<8>;\n.reg .b64 %a<8>;\n.reg .b32 %count<64>;\n.reg .pred %more;\n");
        text.append(".shared .align 8 .b8 shared[16384];\n.local .align 8 .b8 local[64];\n");
        text.append("ld.param.u64 %a0, [data];\nmov.u32 %t0, %tid.x;\nmad.wide.u32 %a1, %t0, " + STRIDE + ", %a0;\n");
        text.append("mov.u32 %t1, shared;\nmad.lo.u32 %t1, %t0, 256, %t1;\nmov.u64 %a2, local;\n");
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < REGISTERS; i++) initial(text, new Register(kind, i));
        }
        for (int i = 0; i < SCRATCH_BYTES; i += 8) {
            text.append("ld.global.b64 %a3, [%a1+" + (SCRATCH + i) + "];\nst.shared.b64 [%t1+" + i
                    + "], %a3;\nst.local.b64 [%a2+" + i + "], %a3;\n");
        }
        write(text, body);
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < REGISTERS; i++) result(text, new Register(kind, i));
        }
        return text.append("ret;\n}\n").toString();
    }

    private static void initial(StringBuilder text, Register register) {
        String at = ", [%a1+" + place(register.kind, register.index) + "];\n";
        if (register.kind == Kind.PREDICATE)
            text.append("ld.global.u32 %t2" + at + "setp.ne.u32 " + register + ", %t2, 0;\n");
        else text.append("ld.global." + register.kind.type + " " + register + at);
    }

    private static void result(StringBuilder text, Register register) {
        String at = "[%a1+" + (RESULTS + place(register.kind, register.index)) + "], ";
        if (register.kind == Kind.PREDICATE)
            text.append("selp.u32 %t2, 1, 0, " + register + ";\nst.global.u32 " + at + "%t2;\n");
        else text.append("st.global." + register.kind.type + " " + at + register + ";\n");
    }

    private void write(StringBuilder text, List<Node> nodes) {
        for (Node node : nodes) write(text, node);
    }

    private void write(StringBuilder text, Node node) {
        if (node instanceof Compute compute) {
            text.append(compute.operation.opcode()).append(' ').append(compute.result);
            for (Operand operand : compute.operands) text.append(", ").append(operand);
            text.append(";\n");
        } else if (node instanceof Guarded guarded) {
            text.append(guarded.negated ? "@!" : "@").append(guarded.predicate).append(' ');
            write(text, guarded.node);
        } else if (node instanceof Move move) {
            text.append(moved(move));
        } else if (node instanceof Branch branch) {
            int name = names++;
            text.append("@!" + branch.predicate + " bra $ELSE" + name + ";\n");
            write(text, branch.then);
            text.append("bra.uni $END" + name + ";\n$ELSE" + name + ":\n");
            write(text, branch.otherwise);
            text.append("$END" + name + ":\n");
        } else if (node instanceof Loop loop) {
            int name = names++;
            text.append("mov.u32 %count" + name + ", 0;\n$LOOP" + name + ":\n");
            write(text, loop.body);
            text.append("add.u32 %count" + name + ", %count" + name + ", 1;\nsetp.lt.u32 %more, %count" + name + ", "
                    + loop.count + ";\n@%more bra $LOOP" + name + ";\n");
        }
    }

    private static String moved(Move move) {
        boolean whole = move.register.kind != Kind.F32 && move.register.kind != Kind.F64;
        String type = (whole ? (move.signed ? ".s" : ".u") : ".f") + 8 * move.bytes;
        String base = move.space.equals(".shared")
                ? "%t1+" + move.offset
                : move.space.equals(".local") ? "%a2+" + move.offset : "%a1+" + (SCRATCH + move.offset);
        if (move.load) return "ld" + move.space + type + " " + move.register + ", [" + base + "];\n";
        return "st" + move.space + type + " [" + base + "], " + move.register + ";\n";
    }

    // --- evaluated

    /** The whole buffer as the program leaves it. */
    byte[] evaluate(byte[] input, int threads) {
        ByteBuffer buffer = ByteBuffer.wrap(input.clone()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int thread = 0; thread < threads; thread++) {
            byte[] spaces = new byte[2 * SCRATCH_BYTES];
            for (int i = 0; i < spaces.length; i++)
                spaces[i] = buffer.get(thread * STRIDE + SCRATCH + i % SCRATCH_BYTES);
            State state = new State(buffer.slice(thread * STRIDE, STRIDE).order(java.nio.ByteOrder.LITTLE_ENDIAN));
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < REGISTERS; i++)
                    state.of(kind)[i] = Bits.zero(state.memory.getLong(place(kind, i)), kind.width);
            }
            evaluate(state, body, ByteBuffer.wrap(spaces).order(java.nio.ByteOrder.LITTLE_ENDIAN));
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < REGISTERS; i++)
                    put(
                            state.memory,
                            RESULTS + place(kind, i),
                            kind == Kind.PREDICATE ? 4 : kind.width / 8,
                            state.of(kind)[i]);
            }
        }
        return buffer.array();
    }

    private static void evaluate(State state, List<Node> nodes, ByteBuffer spaces) {
        for (Node node : nodes) evaluate(state, node, spaces);
    }

    private static void evaluate(State state, Node node, ByteBuffer spaces) {
        if (node instanceof Compute compute) {
            long[] values = compute.operands.stream()
                    .mapToLong(operand -> value(state, operand))
                    .toArray();
            state.of(compute.result.kind)[compute.result.index] =
                    compute.operation.meaning().of(values);
        } else if (node instanceof Guarded guarded) {
            if ((value(state, guarded.predicate) != 0) != guarded.negated) evaluate(state, guarded.node, spaces);
        } else if (node instanceof Move move) {
            boolean own = move.space.equals(".shared") || move.space.equals(".local");
            int at = (own ? move.space.equals(".local") ? SCRATCH_BYTES : 0 : SCRATCH) + move.offset;
            move(state, move, own ? spaces : state.memory, at);
        } else if (node instanceof Branch branch) {
            evaluate(state, value(state, branch.predicate) != 0 ? branch.then : branch.otherwise, spaces);
        } else if (node instanceof Loop loop) {
            for (int i = 0; i < loop.count; i++) evaluate(state, loop.body, spaces);
        }
    }

    private static void move(State state, Move move, ByteBuffer memory, int at) {
        if (!move.load) {
            put(memory, at, move.bytes, value(state, move.register));
            return;
        }
        long bits = 0;
        for (int i = 0; i < move.bytes; i++) bits |= (memory.get(at + i) & 0xffL) << (8 * i);
        long widened = move.signed ? Bits.sign(bits, 8 * move.bytes) : bits;
        state.of(move.register.kind)[move.register.index] = Bits.zero(widened, move.register.kind.width);
    }

    private static void put(ByteBuffer memory, int at, int bytes, long value) {
        for (int i = 0; i < bytes; i++) memory.put(at + i, (byte) (value >>> (8 * i)));
    }

    private static long value(State state, Operand operand) {
        if (operand instanceof Constant constant) return constant.bits;
        Register register = (Register) operand;
        return state.of(register.kind)[register.index];
    }
}
