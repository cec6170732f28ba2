package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random programs give what an evaluator says that shares nothing with the interpreter, to the last bit. */
class PtxDifferentialTest {
    private static final int THREADS = 64;

    private static void compare(Interpreter interpreter, long firstSeed, int programs) {
        for (long seed = firstSeed; seed < firstSeed + programs; seed++) {
            Random random = new Random(seed);
            RandomProgram program = RandomProgram.of(random);
            byte[] input = RandomValues.input(random, THREADS);
            String ptx = program.ptx();
            Result result = interpreter.run(ptx, Launch.of("k", THREADS, "buffer"), input);
            assertThat(result.status())
                    .as("seed %d: %s%n%s", seed, result.message(), ptx)
                    .isEqualTo(Status.OK);
            byte[] wanted = program.evaluate(input, THREADS);
            for (int i = 0; i < wanted.length; i++) {
                if (wanted[i] != result.buffer()[i])
                    throw new AssertionError("seed %d: thread %d, byte %d is %02x, not %02x%n%s"
                            .formatted(
                                    seed,
                                    i / RandomProgram.STRIDE,
                                    i % RandomProgram.STRIDE,
                                    result.buffer()[i],
                                    wanted[i],
                                    ptx));
            }
        }
    }

    @Test
    void computesRandomProgramsToTheLastBit() {
        long seed = Ptx.SOAK ? System.nanoTime() : 1000;
        System.out.println("random programs from seed " + seed);
        compare(Interpreter.PLAIN, seed, Ptx.rounds(300, 20_000));
    }

    @Test
    void computesRandomProgramsWithoutUndefinedBehaviour() {
        compare(Interpreter.SANITIZED, 500, Ptx.rounds(40, 2_000));
    }
}
