package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.bridge.ledger.Limits;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplyTest {
    private static final TenantName ALICE = new TenantName("alice");
    private static final Gpu FIRST = gpu(0, "GPU-0f0f0f0f-1111-2222-3333-444455556666", 10_000_001);
    private static final Gpu SECOND = gpu(1, "GPU-0f0f0f0f-1111-2222-3333-444455557777", 20_000_000);
    /** Where the boot id stands in a ledger, as its layout draws it; found here by looking for it. */
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    @TempDir
    Path temp;

    private OptionalInt holder = OptionalInt.empty();
    private RunDirectory run;
    private Apply apply;

    @BeforeEach
    void setUp() {
        run = new RunDirectory(temp.resolve("run"));
        apply = new Apply(
                run, new GpuInventory(List.of(FIRST, SECOND), true), (folder, tenant) -> holder, Overcommit.ALLOW);
    }

    @Test
    void percentAndIndexBecomeBytesAndUuid() throws Exception {
        apply.apply(file("a.yaml", "gpus: [{gpu: 0, memory: 50%}, {gpu: '*', memory: 1999993B}]"));

        Limits limits = Limits.open(run.limits(ALICE));
        assertThat(limits.limit(FIRST.id())).hasValue(Bytes.of(5_000_000));
        assertThat(limits.limit(SECOND.id())).hasValue(Bytes.of(1_999_993));
        Ledger ledger = Ledger.open(run.ledger(ALICE));
        assertThat(ledger.tenant()).isEqualTo(ALICE);
        assertThat(ledger.gpus()).containsExactly(FIRST.id(), SECOND.id());
        assertThat(run.locks(ALICE)).isEmptyFile();
    }

    @Test
    void applyingAgainChangesNothing() throws Exception {
        TenantSource source = file("a.yaml", "gpus: [{gpu: 0, memory: 50%}]");
        apply.apply(source);
        byte[] limits = Files.readAllBytes(run.limits(ALICE));
        Object ledger = Files.getAttribute(run.ledger(ALICE), "unix:ino");

        assertThat(apply.apply(source).warnings()).isEmpty();

        assertThat(run.limits(ALICE)).hasBinaryContent(limits);
        assertThat(Files.getAttribute(run.ledger(ALICE), "unix:ino")).isEqualTo(ledger);
    }

    @Test
    void aLedgerRemovedUnderRunningProcessesIsNotReplaced() throws Exception {
        TenantSource source = file("a.yaml", "gpus: [{gpu: 0, memory: 50%}]");
        apply.apply(source);
        Files.delete(run.ledger(ALICE));
        holder = OptionalInt.of(4711);

        ControlException refused = catchThrowableOfType(ControlException.class, () -> apply.apply(source));

        assertThat(refused).hasMessageContaining("removed").hasMessageContaining("4711");
        assertThat(run.ledger(ALICE)).doesNotExist();
        holder = OptionalInt.empty();
        apply.apply(source);
        assertThat(run.ledger(ALICE)).exists();
    }

    @Test
    void changedFileHoldsInTheSameLedgerAndTakesGpusAway() throws Exception {
        apply.apply(file("a.yaml", "gpus: [{gpu: '*', memory: 50%}]"));
        Object ledger = Files.getAttribute(run.ledger(ALICE), "unix:ino");
        Object limitsFile = Files.getAttribute(run.limits(ALICE), "unix:ino");

        List<String> warnings =
                apply.apply(file("b.yaml", "gpus: [{gpu: 1, memory: 1GB}]")).warnings();

        Limits limits = Limits.open(run.limits(ALICE));
        assertThat(limits.gpus()).containsExactly(SECOND.id());
        assertThat(limits.limit(FIRST.id())).isEmpty();
        assertThat(limits.limit(SECOND.id())).hasValue(Bytes.of(1_000_000_000));
        assertThat(Files.getAttribute(run.ledger(ALICE), "unix:ino")).isEqualTo(ledger);
        assertThat(Files.getAttribute(run.limits(ALICE), "unix:ino")).isEqualTo(limitsFile);
        assertThat(warnings)
                .containsExactly("the limits of tenant 'alice' are now those of " + temp.resolve("b.yaml")
                        + "; they were those of " + temp.resolve("a.yaml"));
    }

    @Test
    void ledgerOfAnotherBootIsReplaced() throws Exception {
        TenantSource source = file("a.yaml", "gpus: [{gpu: 0, memory: 50%}]");
        apply.apply(source);
        damageBootId(run.ledger(ALICE));
        assertThat(catchThrowableOfType(java.io.IOException.class, () -> Ledger.open(run.ledger(ALICE))))
                .hasMessageContaining("earlier boot");

        apply.apply(source);

        assertThat(Ledger.open(run.ledger(ALICE)).gpus()).containsExactly(FIRST.id());
    }

    @Test
    void tornLedgerIsRefusedAndKept() throws Exception {
        TenantSource source = file("a.yaml", "gpus: [{gpu: 0, memory: 50%}]");
        apply.apply(source);
        Files.write(run.ledger(ALICE), new byte[] {1, 2, 3});

        ControlException refused = catchThrowableOfType(ControlException.class, () -> apply.apply(source));

        assertThat(refused.reason()).isEqualTo(Reason.OUR_FAULT);
        assertThat(refused).hasMessageContaining(run.ledger(ALICE).toString()).hasMessageContaining("remove it");
        assertThat(run.ledger(ALICE)).hasSize(3);
    }

    @Test
    void gpuThatIsNotHereIsAWarningUnlessItIsTheOnlyOne() throws Exception {
        assertThat(apply.apply(file("a.yaml", "gpus: [{gpu: 0, memory: 1%}, {gpu: 7, memory: 1%}]"))
                        .warnings())
                .singleElement()
                .asString()
                .contains("this host has no GPU '7'; it has 0 (" + FIRST.id() + "), 1");

        ControlException refused = catchThrowableOfType(
                ControlException.class, () -> apply.apply(file("a.yaml", "gpus: [{gpu: 7, memory: 1%}]")));
        assertThat(refused.reason()).isEqualTo(Reason.TENANT_FILE);
        assertThat(Limits.open(run.limits(ALICE)).gpus()).containsExactly(FIRST.id());
    }

    @Test
    void storeGivesTheAppliedFileBackByName() throws Exception {
        assertThat(new TenantStore(run).find(ALICE)).isEmpty();
        TenantSource source = file("a.yaml", "gpus: [{gpu: 0, memory: 50%}] # café\n");
        apply.apply(source);
        Files.delete(temp.resolve("a.yaml"));

        assertThat(new TenantStore(run).find(ALICE)).hasValue(source);
    }

    @Test
    void namesOfGpusAreRemembered() throws Exception {
        apply.apply(file("a.yaml", "gpus: [{gpu: 0, memory: 50%}]"));
        new Apply(
                        run,
                        new GpuInventory(List.of(gpu(0, "GPU-0f0f0f0f-1111-2222-3333-444455558888", 5)), false),
                        (folder, tenant) -> holder,
                        Overcommit.WARN)
                .apply(file("a.yaml", "gpus: [{gpu: 0, memory: 50%}]"));

        KnownGpus known = KnownGpus.read(run);
        assertThat(known.find(SECOND.id())).hasValue(new KnownGpus.Known(SECOND, true));
        assertThat(known.find(GpuId.parse("GPU-0f0f0f0f-1111-2222-3333-444455558888")))
                .hasValueSatisfying(gpu -> assertThat(gpu.simulated()).isFalse());
    }

    private TenantSource file(String name, String gpus) throws Exception {
        Path path = Files.writeString(temp.resolve(name), "tenant: alice\n" + gpus);
        return TenantSource.read(path);
    }

    private static Gpu gpu(int index, String uuid, long memory) {
        return new Gpu(index, GpuId.parse(uuid), "Some GPU 3000", Bytes.of(memory));
    }

    private static void damageBootId(Path ledger) throws Exception {
        byte[] boot = GpuId.parse("GPU-" + Files.readString(BOOT_ID).strip()).toBytes();
        byte[] content = Files.readAllBytes(ledger);
        for (int at = 0; at + boot.length <= content.length; at++) {
            if (java.util.Arrays.equals(content, at, at + boot.length, boot, 0, boot.length)) {
                try (RandomAccessFile file = new RandomAccessFile(ledger.toFile(), "rw")) {
                    file.seek(at);
                    file.write(~boot[0]);
                }
                return;
            }
        }
        throw new AssertionError("no boot id in " + ledger);
    }
}
