package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.Limits;
import io.sluice.control.ApplyFiles.Failure;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of tenant files: what holds afterwards, and what is said. */
class ApplyFilesTest {
    private static final TenantName ALICE = new TenantName("alice");
    private static final TenantName BOB = new TenantName("bob");
    private static final Gpu FIRST = gpu(0, "GPU-0f0f0f0f-1111-2222-3333-444455556666", 10_000_001);
    private static final Gpu SECOND = gpu(1, "GPU-0f0f0f0f-1111-2222-3333-444455557777", 20_000_000);

    @TempDir
    Path temp;

    private RunDirectory run;
    private Path files;

    @BeforeEach
    void setUp() throws Exception {
        run = new RunDirectory(temp.resolve("run"));
        files = Files.createDirectory(temp.resolve("tenants.d"));
    }

    @Test
    void eachFileHolds() throws Exception {
        write("a.yaml", "tenant: alice\ngpus: [{gpu: '*', memory: 1999993B}]\n");
        write("b.yml", "tenant: bob\ngpus: [{gpu: 1, memory: 25%}]\n");
        write("..data/a.yaml", "nonsense");
        write(".c.yaml.swp", "nonsense");
        write("notes.txt", "nonsense");

        ApplyFiles.Outcome outcome = apply(Overcommit.WARN);

        assertThat(outcome.failures()).isEmpty();
        assertThat(outcome.applied()).extracting(Apply.Result::tenant).containsExactly(ALICE, BOB);
        assertThat(limit(ALICE, FIRST)).hasValue(Bytes.of(1_999_993));
        assertThat(limit(BOB, SECOND)).hasValue(Bytes.of(5_000_000));
        assertThat(limit(BOB, FIRST)).isEmpty();
    }

    @Test
    void whatHeldBeforeIsToldWhereItChanged() throws Exception {
        write("a.yaml", "tenant: alice\ngpus: [{gpu: '*', memory: 3MB}]\n");
        apply(Overcommit.WARN);
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 2MB}]\n");

        assertThat(apply(Overcommit.WARN).applied().get(0).limits())
                .extracting(AppliedLimit::gpu, AppliedLimit::limit, AppliedLimit::before)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                FIRST.id(), Optional.of(Bytes.of(2_000_000)), Optional.of(Bytes.of(3_000_000))),
                        org.assertj.core.groups.Tuple.tuple(
                                SECOND.id(), Optional.empty(), Optional.of(Bytes.of(3_000_000))));
        assertThat(apply(Overcommit.WARN).applied().get(0).limits()).noneMatch(AppliedLimit::changed);
    }

    @Test
    void twoFilesOfOneTenantAreRefusedAndItsLimitsStay() throws Exception {
        Path first = write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 3MB}]\n");
        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 1MB}]\n");
        apply(Overcommit.WARN);
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 4MB}]\n");
        Path second = write("z.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 5MB}]\n");
        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 2MB}]\n");

        ApplyFiles.Outcome outcome = apply(Overcommit.WARN);

        assertThat(outcome.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.TENANT_FILE);
            assertThat(failure.line()).contains(first.toString(), second.toString(), "'alice'");
        });
        assertThat(limit(ALICE, FIRST)).hasValue(Bytes.of(3_000_000));
        assertThat(limit(BOB, FIRST)).hasValue(Bytes.of(2_000_000));
        assertThat(record(ALICE).successful()).isFalse();
        assertThat(record(BOB).successful()).isTrue();
    }

    @Test
    void brokenFileKeepsTheLimitsAndTheTimeOfTheLastSuccess() throws Exception {
        Instant begin = Instant.now();
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 3MB}]\n");
        apply(Overcommit.WARN);
        ReloadRecord good = record(ALICE);
        assertThat(good.successful()).isTrue();
        assertThat(good.lastSuccess())
                .hasValueSatisfying(when -> assertThat(when).isBetween(begin.minusMillis(1), Instant.now()));
        Path file = write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 4M");

        assertThat(apply(Overcommit.WARN).failures())
                .allSatisfy(failure -> assertThat(failure.line()).startsWith(file + ":"));
        assertThat(limit(ALICE, FIRST)).hasValue(Bytes.of(3_000_000));
        assertThat(record(ALICE)).isEqualTo(new ReloadRecord(false, good.lastSuccess()));

        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 3MB}]\n");
        apply(Overcommit.WARN);
        assertThat(record(ALICE).successful()).as("the old content again").isTrue();
    }

    @Test
    void tenantWithATornLedgerDoesNotHinderTheOthers() throws Exception {
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 3MB}]\n");
        apply(Overcommit.WARN);
        Files.write(run.ledger(ALICE), new byte[3]);
        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 1MB}]\n");

        ApplyFiles.Outcome outcome = apply(Overcommit.WARN);

        assertThat(outcome.failures())
                .singleElement()
                .extracting(Failure::reason)
                .isEqualTo(Reason.OUR_FAULT);
        assertThat(limit(BOB, FIRST)).hasValue(Bytes.of(1_000_000));
        assertThat(record(ALICE).successful()).isFalse();
    }

    @Test
    void overcommittingIsSaidWithTheGpuTheSumAndTheTenants() throws Exception {
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 6MB}, {gpu: 1, memory: 6MB}]\n");
        write("b.yaml", "tenant: bob\ngpus: [{gpu: '*', memory: 5MB}]\n");

        assertThat(apply(Overcommit.WARN).warnings())
                .containsExactly("GPU 0 is overcommitted: the limits of alice (5.72 MiB), bob (4.77 MiB) add up to"
                        + " 10.49 MiB, and it has 9.54 MiB");
        assertThat(apply(Overcommit.ALLOW).warnings()).isEmpty();
        assertThat(limit(BOB, FIRST)).hasValue(Bytes.of(5_000_000));
    }

    @Test
    void overcommittingIsRefusedAsAWholeAndToTheByte() throws Exception {
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 6MB}]\n");
        assertThat(apply(Overcommit.REFUSE).failures()).isEmpty();
        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 4000002B}]\n");
        write("c.yaml", "tenant: carol\ngpus: [{gpu: 1, memory: 1MB}]\n");

        assertThat(apply(Overcommit.REFUSE).failures()).singleElement().satisfies(failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.TENANT_FILE);
            assertThat(failure.line()).contains("GPU 0 is overcommitted").contains("nothing was changed");
        });
        assertThat(run.limits(BOB)).doesNotExist();
        assertThat(run.limits(new TenantName("carol"))).doesNotExist();

        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 4000001B}]\n");
        assertThat(apply(Overcommit.REFUSE).failures()).isEmpty();
        assertThat(limit(BOB, FIRST)).hasValue(Bytes.of(4_000_001));
    }

    @Test
    void loweringALimitIsNeverRefused() throws Exception {
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 100%}]\n");
        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 100%}]\n");
        apply(Overcommit.ALLOW);
        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 50%}]\n");

        assertThat(apply(Overcommit.REFUSE).failures()).isEmpty();
        assertThat(limit(BOB, FIRST)).hasValue(Bytes.of(5_000_000));
    }

    @Test
    void startingAnApplicationSaysOnlyWhatItsOwnFileAdds() throws Exception {
        write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 100%}]\n");
        Path bob = write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 50%}]\n");
        assertThat(apply(Overcommit.WARN).warnings()).hasSize(1);

        assertThat(newApply(Overcommit.WARN).apply(TenantSource.read(bob)).warnings())
                .isEmpty();
        write("b.yaml", "tenant: bob\ngpus: [{gpu: 0, memory: 51%}]\n");
        assertThat(newApply(Overcommit.WARN).apply(TenantSource.read(bob)).warnings())
                .hasSize(1);
    }

    @Test
    void folderWithoutTenantFilesIsAFailure() throws Exception {
        assertThat(apply(Overcommit.WARN).failures())
                .singleElement()
                .extracting(Failure::line)
                .isEqualTo(files + ": no *.yaml or *.yml file in this folder");
    }

    private ApplyFiles.Outcome apply(Overcommit overcommit) throws Exception {
        return new ApplyFiles(run, newApply(overcommit)).apply(TenantFiles.read(files));
    }

    private Apply newApply(Overcommit overcommit) {
        return new Apply(
                run,
                new GpuInventory(List.of(FIRST, SECOND), true),
                (folder, tenant) -> OptionalInt.empty(),
                overcommit);
    }

    private Optional<Bytes> limit(TenantName tenant, Gpu gpu) throws Exception {
        return Limits.open(run.limits(tenant)).limit(gpu.id());
    }

    private ReloadRecord record(TenantName tenant) {
        return ReloadRecord.read(run, tenant).orElseThrow();
    }

    private Path write(String name, String content) throws Exception {
        Path file = files.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private static Gpu gpu(int index, String uuid, long memory) {
        return new Gpu(index, GpuId.parse(uuid), "Some GPU 3000", Bytes.of(memory));
    }
}
