package io.sluice.bridge.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.NativeBuild;
import io.sluice.bridge.NativeDriver;
import io.sluice.bridge.NativeTarget;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.account.MemoryAccount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same random traces through the libwrapper's books, with real processes and real kills, and through the model. */
class LedgerDifferentialTest {
    private static final TenantName TENANT = new TenantName("alice");
    private static final int PROCESSES = 6;
    private static final int STEPS = Boolean.getBoolean("sluice.soak") ? 1_000_000 : 20_000;

    @TempDir
    Path runDirectory;

    @ParameterizedTest
    @EnumSource
    void theLedgerDecidesAsTheModelDoes(NativeTarget target) throws Exception {
        int steps = target == NativeTarget.OWN ? STEPS : STEPS / 4;
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        Random random = new Random(seed);
        TestTenant tenant = TestTenant.create(runDirectory, 2);
        List<GpuId> gpus = tenant.gpus();
        Ledger ledger = tenant.ledger();
        Limits limits = tenant.limits();
        List<MemoryAccount> models = new ArrayList<>();
        for (GpuId gpu : gpus) {
            models.add(new MemoryAccount(Bytes.of(1_999_993)));
            limits.set(gpu, Bytes.of(1_999_993));
        }
        NativeControl control = NativeControl.load(NativeBuild.control());

        int denied = 0;
        int killed = 0;
        try (NativeDriver driver = new NativeDriver(target.command("test/ledger_driver"), tenant.environment())) {
            boolean[] running = new boolean[PROCESSES];
            for (int step = 0; step < steps; step++) {
                int process = random.nextInt(PROCESSES);
                int row = random.nextInt(gpus.size());
                MemoryAccount model = models.get(row);
                String where = "seed " + seed + ", step " + step;
                if (!running[process]) {
                    assertThat(driver.ask("start " + process)).as(where).isEqualTo("ok");
                    running[process] = true;
                    continue;
                }
                int what = random.nextInt(1000);
                if (what < 3) {
                    driver.ask("kill " + process);
                    models.forEach(m -> m.die(process));
                    running[process] = false;
                    killed++;
                    // A number that is used again stands for a new process, so the dead one must be gone in the model.
                    models.forEach(MemoryAccount::sweep);
                } else if (what < 8) {
                    Bytes limit = Bytes.of(random.nextInt(3_000_000));
                    model.setLimit(limit);
                    limits.set(gpus.get(row), limit);
                } else if (what < 550) {
                    Bytes bytes = Bytes.of(1 + random.nextInt(300_000));
                    boolean granted = model.charge(process, bytes);
                    denied += granted ? 0 : 1;
                    assertThat(driver.ask("charge " + process + " " + row + " " + bytes.value()))
                            .as(where)
                            .isEqualTo(granted ? "granted" : "over");
                } else if (model.held(process).value() > 0) {
                    long held = model.held(process).value();
                    long bytes = random.nextInt(4) == 0 ? held : 1 + (long) (random.nextDouble() * held);
                    bytes = Math.min(bytes, held);
                    model.release(process, Bytes.of(bytes));
                    assertThat(driver.ask("release " + process + " " + row + " " + bytes))
                            .isEqualTo("ok");
                }
                if (step % 500 == 0) {
                    control.sweep(runDirectory, TENANT);
                    assertBooks(where, ledger, models, control);
                }
            }
        }
        System.out.printf(
                "ledger against model, %s: seed %d, %d steps, %d denied, %d processes killed, no difference%n",
                target, seed, steps, denied, killed);
        assertThat(denied).isGreaterThan(steps / 100);
    }

    private void assertBooks(String where, Ledger ledger, List<MemoryAccount> models, NativeControl control) {
        List<NativeControl.Audit> audits = control.audit(runDirectory, TENANT);
        for (int row = 0; row < models.size(); row++) {
            assertThat(audits.get(row).used())
                    .as(where)
                    .isEqualTo(models.get(row).used());
            assertThat(audits.get(row).sumOfShares())
                    .as(where)
                    .isEqualTo(models.get(row).used());
            assertThat(ledger.usage().get(row).used())
                    .as(where)
                    .isEqualTo(models.get(row).used());
        }
    }
}
