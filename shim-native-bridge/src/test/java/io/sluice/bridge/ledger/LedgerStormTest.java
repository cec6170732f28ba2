package io.sluice.bridge.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.NativeTarget;
import io.sluice.policy.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerStormTest {
    private static final int ROUNDS = Boolean.getBoolean("sluice.soak") ? 4_000 : 150;

    @TempDir
    Path runDirectory;

    @ParameterizedTest
    @EnumSource
    void killsAtAnyInstantLoseNoByteAndBlockNobody(NativeTarget target) throws Exception {
        storm("ledger_storm", target, Bytes.of(1_999_993), ROUNDS);
    }

    @ParameterizedTest
    @EnumSource
    void aLivingProcessWhoseSlotIsTakenRegistersAllThatItsThreadsHold(NativeTarget target) throws Exception {
        storm("ledger_robbed", target, Bytes.of(1L << 40), ROUNDS / 5);
    }

    private void storm(String program, NativeTarget target, Bytes limit, int ownRounds) throws Exception {
        int rounds = target == NativeTarget.OWN ? ownRounds : ownRounds / 5;
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        TestTenant tenant = TestTenant.create(runDirectory, 1);
        tenant.limits().set(tenant.gpus().get(0), limit);
        ProcessBuilder builder =
                new ProcessBuilder(target.command("test/" + program, Integer.toString(rounds), Long.toString(seed)));
        builder.environment().putAll(tenant.environment());
        Path printed = runDirectory.resolve("storm.out");
        builder.redirectErrorStream(true).redirectOutput(printed.toFile());
        Process storm = builder.start();
        boolean ended = storm.waitFor(ROUNDS, TimeUnit.SECONDS);
        storm.destroyForcibly();
        String output = Files.readString(printed);
        String lastLine = output.strip().substring(output.strip().lastIndexOf('\n') + 1);
        assertThat(ended).as("seed %d: it hung after: %s", seed, output).isTrue();
        System.out.println(program + ", " + target + ": seed " + seed + ", " + lastLine);
        assertThat(storm.exitValue()).as("seed %d: %s", seed, output).isZero();
    }
}
