package io.sluice.simulator.ptx;

import io.sluice.simulator.ptx.Operation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random program as a tree that can be written as PTX and evaluated. Each thread has {@link #STRIDE} bytes of the buffer: first the
 * values that its registers begin with, then memory for the program's own loads and stores, last the registers as the program leaves
 * them.
 */
final class RandomProgram {
    static final int STRIDE = 512;
    static final int REGISTERS = 4;
    static final int SCRATCH = 208;
    static final int SCRATCH_BYTES = 64;
    static final int RESULTS = 288;

    private final List<Node> body;

    private RandomProgram(List<Node> body) {
        this.body = body;
    }

    /** A kernel whose first block runs the first of them, and so on. */
    static String ptx(List<RandomProgram> programs) {
        return new ProgramText()
                .write(programs.stream().map(program -> program.body).toList());
    }

    /** The whole buffer as the program leaves it. */
    byte[] evaluate(byte[] input, int threads) {
        return ProgramEvaluator.evaluate(body, input, threads);
    }

    /** Where a register stands among the values of a thread. */
    static int place(Kind kind, int index) {
        return (kind.place * REGISTERS + index) * 8;
    }

    sealed interface Operand permits Register, Constant {}

    record Register(Kind kind, int index) implements Operand {
        @Override
        public String toString() {
            return "%" + kind.letter + index;
        }
    }

    record Constant(Kind kind, long bits) implements Operand {
        @Override
        public String toString() {
            if (kind == Kind.F32) return String.format("0f%08x", bits);
            return kind == Kind.F64
                    ? String.format("0d%016x", bits)
                    : kind == Kind.B64 ? "0x" + Long.toHexString(bits) : Long.toString(bits);
        }
    }

    sealed interface Node permits Compute, Guarded, Branch, Loop, Move {}

    record Compute(Operation operation, Register result, List<Operand> operands) implements Node {}

    record Guarded(Register predicate, boolean negated, Node node) implements Node {}

    record Branch(Register predicate, List<Node> then, List<Node> otherwise) implements Node {}

    record Loop(int count, List<Node> body) implements Node {}

    /** A load or store of {@code bytes}, sign extended if it says so. */
    record Move(boolean load, String space, Register register, int bytes, boolean signed, int offset) implements Node {}

    static RandomProgram of(Random random) {
        return new RandomProgram(block(random, 8 + random.nextInt(40), 0));
    }

    /** One operation, on the first registers of its kinds, into the last. */
    static RandomProgram single(Operation operation) {
        List<Operand> operands = new ArrayList<>();
        for (int i = 0; i < operation.operands().size(); i++)
            operands.add(new Register(operation.operands().get(i), i % REGISTERS));
        return new RandomProgram(
                List.of(new Compute(operation, new Register(operation.result(), REGISTERS - 1), operands)));
    }

    /** How many operations it has. */
    int operations() {
        return operations(body);
    }

    private static int operations(List<Node> nodes) {
        int count = 0;
        for (Node node : nodes) {
            if (node instanceof Branch branch) count += operations(branch.then()) + operations(branch.otherwise());
            else if (node instanceof Loop loop) count += operations(loop.body());
            else count++;
        }
        return count;
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
                    && !operation.opcode().startsWith("cvt")
                    && !operation.opcode().contains("f16");
            operands.add(constant ? new Constant(kind, RandomValues.value(random, kind)) : register(random, kind));
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
}
