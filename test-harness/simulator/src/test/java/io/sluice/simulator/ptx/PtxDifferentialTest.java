package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random programs give what an evaluator says that shares nothing with the interpreter, to the last bit. */
class PtxDifferentialTest {
    private static final int BLOCK = 64;

    /** Returns how many operations the programs have. */
    private static long compare(Interpreter interpreter, long firstSeed, int programs) {
        long operations = 0;
        for (long seed = firstSeed; seed < firstSeed + programs; seed++) {
            Random random = new Random(seed);
            RandomProgram program = RandomProgram.of(random);
            compare(interpreter, program, RandomValues.input(random, BLOCK), "seed " + seed);
            operations += program.operations();
        }
        return operations;
    }

    private static void compare(Interpreter interpreter, RandomProgram program, byte[] input, String name) {
        String ptx = program.ptx();
        int threads = input.length / RandomProgram.STRIDE;
        int blocks = (threads + BLOCK - 1) / BLOCK;
        byte[] buffer = Arrays.copyOf(input, blocks * BLOCK * RandomProgram.STRIDE);
        Result result =
                interpreter.run(ptx, Launch.of("k", BLOCK, "buffer").withGrid(Integer.toString(blocks)), buffer);
        assertThat(result.status())
                .as("%s: %s%n%s", name, result.message(), ptx)
                .isEqualTo(Status.OK);
        byte[] wanted = program.evaluate(input, threads);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] != result.buffer()[i])
                throw new AssertionError("%s: thread %d, byte %d is %02x, not %02x%n%s"
                        .formatted(
                                name,
                                i / RandomProgram.STRIDE,
                                i % RandomProgram.STRIDE,
                                result.buffer()[i],
                                wanted[i],
                                ptx));
        }
    }

    /** Each pair of NaNs with payloads, subnormals, infinities, least and largest numbers, shifts at and beyond the width... */
    @Test
    void computesEveryOperationAtItsEdges() {
        long seed = Long.getLong("sluice.seed", 7);
        Random random = new Random(seed);
        long compared = 0;
        for (Operation operation : Operation.ALL) {
            for (int round = 0; round < Ptx.rounds(1, 10); round++) {
                compare(
                        Interpreter.PLAIN,
                        RandomProgram.single(operation),
                        RandomValues.atEdges(random, operation),
                        operation.opcode());
                compared += RandomValues.pairs(operation);
            }
        }
        System.out.println("operations at their edges: %d, results compared: %d, seed %d"
                .formatted(Operation.ALL.size(), compared, seed));
    }

    @Test
    void computesRandomProgramsToTheLastBit() {
        long seed = Long.getLong("sluice.seed", Ptx.SOAK ? System.nanoTime() : 1000);
        System.out.println("random programs from seed " + seed);
        System.out.println("operations compared: " + compare(Interpreter.PLAIN, seed, Ptx.rounds(300, 40_000)));
    }

    @Test
    void computesRandomProgramsWithoutUndefinedBehaviour() {
        compare(Interpreter.SANITIZED, 500, Ptx.rounds(40, 2_000));
    }
}
