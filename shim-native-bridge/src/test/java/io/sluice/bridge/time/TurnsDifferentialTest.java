package io.sluice.bridge.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.NativeTarget;
import io.sluice.bridge.ledger.ArbiterFile;
import io.sluice.policy.time.Share;
import io.sluice.policy.time.Turns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who has the turn when all want it: by the libwrapper's arbiter, with a thread for each process, and by the model. */
class TurnsDifferentialTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.soak") ? 50 : 3;
    private static final int STEPS = 1000;
    private static final String UUID = "00000000-0000-0000-0000-000000000000";
    /** Device time divides by them without a rest: roundings of many charges are not what is compared. */
    private static final List<Integer> WEIGHTS = List.of(100_000, 200_000, 250_000, 400_000, 500_000);

    private static final List<Long> QUANTA =
            List.of(Turns.LATENCY_QUANTUM_NS, Turns.NORMAL_QUANTUM_NS, Turns.BATCH_QUANTUM_NS);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void turnsGoAsTheModelSays(NativeTarget target) throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        Random random = new Random(seed);
        int turns = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<Integer> weights = new ArrayList<>();
            List<Long> quanta = new ArrayList<>();
            for (int i = 2 + random.nextInt(5); i > 0; i--) {
                weights.add(WEIGHTS.get(random.nextInt(WEIGHTS.size())));
                quanta.add(QUANTA.get(random.nextInt(QUANTA.size())));
            }
            long lengths = random.nextLong(1L << 40);
            List<Integer> expected = ofModel(weights, quanta, lengths);
            assertThat(ofArbiter(target, weights, quanta, lengths))
                    .as("seed %d, round %d: weights %s, quanta %s", seed, round, weights, quanta)
                    .isEqualTo(expected);
            assertThat(expected).contains(0, weights.size() - 1);
            turns += STEPS;
        }
        System.err.printf("turns, %s: seed %d, %d admissions, no difference%n", target, seed, turns);
    }

    private static List<Integer> ofModel(List<Integer> weights, List<Long> quanta, long seed) {
        Turns model = new Turns();
        for (int i = 0; i < weights.size(); i++) {
            model.add(i, new Share(weights.get(i)), quanta.get(i));
        }
        for (int i = 0; i < weights.size(); i++) {
            model.backlogged(i, i);
        }
        long[] steps = new long[weights.size()];
        List<Integer> holders = new ArrayList<>();
        while (holders.size() < STEPS) {
            int holder = model.holder().orElseThrow();
            holders.add(holder);
            model.used(holder, length(seed, holder, steps[holder]++, quanta.get(holder)));
            model.drained(holder);
        }
        return holders;
    }

    private List<Integer> ofArbiter(NativeTarget target, List<Integer> weights, List<Long> quanta, long seed)
            throws IOException, InterruptedException {
        Path run = Files.createTempDirectory(folder, "run");
        Files.createDirectory(run.resolve("arbiters"));
        ArbiterFile.ensure(run.resolve("arbiters").resolve(UUID));
        List<String> command = new ArrayList<>(target.command(
                "test/turns_driver", run.toString(), Long.toUnsignedString(seed), Integer.toString(STEPS)));
        for (int i = 0; i < weights.size(); i++) {
            command.add(weights.get(i).toString());
            command.add(quanta.get(i).toString());
        }
        Process driver = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Integer> holders =
                driver.inputReader().lines().map(Integer::valueOf).toList();
        assertThat(driver.waitFor()).isZero();
        return holders;
    }

    /** As turns_driver.c has it. */
    private static long length(long seed, int place, long step, long quantumNs) {
        long random = (seed + place * 1_000_003L + step) * 6364136223846793005L + 1442695040888963407L;
        random = (random ^ random >>> 33) * 0xff51afd7ed558ccdL;
        long ns = Long.remainderUnsigned(random >>> 20, quantumNs / 2) * 2;
        return random >>> 60 != 0 ? ns : ns + 3 * quantumNs;
    }
}
