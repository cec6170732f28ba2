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
import io.sluice.simulator.ptx.RandomProgram.Constant;
import io.sluice.simulator.ptx.RandomProgram.Guarded;
import io.sluice.simulator.ptx.RandomProgram.Loop;
import io.sluice.simulator.ptx.RandomProgram.Move;
import io.sluice.simulator.ptx.RandomProgram.Node;
import io.sluice.simulator.ptx.RandomProgram.Operand;
import io.sluice.simulator.ptx.RandomProgram.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Evaluates the tree of a random program, without PTX and without the interpreter. */
final class ProgramEvaluator {
    private ProgramEvaluator() {}

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

    /** The whole buffer as the program leaves it. */
    static byte[] evaluate(List<Node> body, byte[] input, int threads) {
        ByteBuffer buffer = ByteBuffer.wrap(input.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (int thread = 0; thread < threads; thread++) {
            byte[] spaces = new byte[2 * SCRATCH_BYTES];
            for (int i = 0; i < spaces.length; i++)
                spaces[i] = buffer.get(thread * STRIDE + SCRATCH + i % SCRATCH_BYTES);
            State state = new State(buffer.slice(thread * STRIDE, STRIDE).order(ByteOrder.LITTLE_ENDIAN));
            for (Kind kind : Kind.values()) {
                for (int i = 0; i < REGISTERS; i++)
                    state.of(kind)[i] = Bits.zero(state.memory.getLong(place(kind, i)), kind.width);
            }
            evaluate(state, body, ByteBuffer.wrap(spaces).order(ByteOrder.LITTLE_ENDIAN));
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
            long[] values = compute.operands().stream()
                    .mapToLong(operand -> value(state, operand))
                    .toArray();
            state.of(compute.result().kind())[compute.result().index()] =
                    compute.operation().meaning().of(values);
        } else if (node instanceof Guarded guarded) {
            if ((value(state, guarded.predicate()) != 0) != guarded.negated()) evaluate(state, guarded.node(), spaces);
        } else if (node instanceof Move move) {
            boolean own = move.space().equals(".shared") || move.space().equals(".local");
            int at = (own ? move.space().equals(".local") ? SCRATCH_BYTES : 0 : SCRATCH) + move.offset();
            move(state, move, own ? spaces : state.memory, at);
        } else if (node instanceof Branch branch) {
            evaluate(state, value(state, branch.predicate()) != 0 ? branch.then() : branch.otherwise(), spaces);
        } else if (node instanceof Loop loop) {
            for (int i = 0; i < loop.count(); i++) evaluate(state, loop.body(), spaces);
        }
    }

    private static void move(State state, Move move, ByteBuffer memory, int at) {
        if (!move.load()) {
            put(memory, at, move.bytes(), value(state, move.register()));
            return;
        }
        long bits = 0;
        for (int i = 0; i < move.bytes(); i++) bits |= (memory.get(at + i) & 0xffL) << (8 * i);
        long widened = move.signed() ? Bits.sign(bits, 8 * move.bytes()) : bits;
        state.of(move.register().kind())[move.register().index()] =
                Bits.zero(widened, move.register().kind().width);
    }

    private static void put(ByteBuffer memory, int at, int bytes, long value) {
        for (int i = 0; i < bytes; i++) memory.put(at + i, (byte) (value >>> (8 * i)));
    }

    private static long value(State state, Operand operand) {
        if (operand instanceof Constant constant) return constant.bits();
        Register register = (Register) operand;
        return state.of(register.kind())[register.index()];
    }
}
