package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random programs give what an evaluator says that shares nothing with the interpreter, to the last bit. */
class PtxDifferentialTest {
    private static final int BLOCK = 64;
    private static final int TOGETHER = 20;

    /** Programs of consecutive seeds, some in each kernel. Returns how many operations they have. */
    private static long compare(Interpreter interpreter, long firstSeed, int programs) {
        long operations = 0;
        for (long seed = firstSeed; seed < firstSeed + programs; seed += TOGETHER) {
            List<RandomProgram> together = new ArrayList<>();
            ByteArrayOutputStream inputs = new ByteArrayOutputStream();
            for (int i = 0; i < TOGETHER; i++) {
                Random random = new Random(seed + i);
                together.add(RandomProgram.of(random));
                inputs.writeBytes(RandomValues.input(random, BLOCK));
                operations += together.get(i).operations();
            }
            byte[] input = inputs.toByteArray();
            byte[] output = run(interpreter, together, input, "seed " + seed);
            int size = input.length / TOGETHER;
            for (int i = 0; i < TOGETHER; i++)
                compare(
                        together.get(i),
                        Arrays.copyOfRange(input, i * size, (i + 1) * size),
                        Arrays.copyOfRange(output, i * size, (i + 1) * size),
                        "seed " + (seed + i));
        }
        return operations;
    }

    private static byte[] run(Interpreter interpreter, List<RandomProgram> programs, byte[] input, String name) {
        String ptx = RandomProgram.ptx(programs);
        int blocks = (input.length / RandomProgram.STRIDE + BLOCK - 1) / BLOCK;
        byte[] buffer = Arrays.copyOf(input, blocks * BLOCK * RandomProgram.STRIDE);
        Launch launch = Launch.of("k", BLOCK, "buffer").withGrid(Integer.toString(blocks));
        Result result = interpreter.run(ptx, launch, buffer);
        assertThat(result.status())
                .as("%s: %s%n%s", name, result.message(), ptx)
                .isEqualTo(Status.OK);
        return result.buffer();
    }

    private static void compare(RandomProgram program, byte[] input, byte[] output, String name) {
        byte[] wanted = program.evaluate(input, input.length / RandomProgram.STRIDE);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] != output[i])
                throw new AssertionError("%s: thread %d, byte %d is %02x, not %02x%n%s"
                        .formatted(
                                name,
                                i / RandomProgram.STRIDE,
                                i % RandomProgram.STRIDE,
                                output[i],
                                wanted[i],
                                RandomProgram.ptx(List.of(program))));
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
                RandomProgram program = RandomProgram.single(operation);
                byte[] input = RandomValues.atEdges(random, operation);
                compare(
                        program,
                        input,
                        run(Interpreter.PLAIN, List.of(program), input, operation.opcode()),
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
