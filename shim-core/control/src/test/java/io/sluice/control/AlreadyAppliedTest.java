package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.OnFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A start goes the short way only where the long one would change nothing. */
class AlreadyAppliedTest {
    private static final TenantName ALICE = new TenantName("alice");
    private static final Optional<GpuSetup> SETUP = Optional.of(new GpuSetup("driver 535, one GPU"));
    private static final Gpu GPU =
            new Gpu(0, GpuId.parse("GPU-6e756c6c-0000-4000-8000-000000000001"), "Some GPU 3000", Bytes.of(10_000_001));

    @TempDir
    Path temp;

    private RunDirectory run;
    private Path file;

    @BeforeEach
    void applied() throws Exception {
        run = new RunDirectory(temp.resolve("run"));
        file = Files.writeString(
                temp.resolve("alice.yaml"), "tenant: alice\non_failure: forward\ngpus: [{gpu: 0, memory: 50%}]\n");
        apply(file, SETUP);
    }

    @Test
    void whatHoldsIsFoundByItsFileAndByItsName() {
        AlreadyApplied alice = new AlreadyApplied(ALICE, OnFailure.FORWARD);
        assertThat(find(file.toString())).hasValue(alice);
        assertThat(find("alice")).hasValue(alice);
        assertThat(find("bob")).isEmpty();
    }

    @Test
    void aChangedByteIsAnotherFile() throws Exception {
        Files.writeString(file, Files.readString(file) + " ");
        assertThat(find(file.toString())).isEmpty();
    }

    @Test
    void otherGpusAreNotTheSame() {
        assertThat(AlreadyApplied.find(run, "alice", Optional.of(new GpuSetup("driver 535, two GPUs"))))
                .isEmpty();
        assertThat(AlreadyApplied.find(run, "alice", Optional.empty())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tenants/alice/ledger",
                "tenants/alice/locks",
                "limits/alice",
                "tenant-files/alice",
                "applied/alice"
            })
    void aMissingPartIsNotTheSame(String part) throws Exception {
        Files.delete(run.root().resolve(part));
        assertThat(find(file.toString())).isEmpty();
        assertThat(find("alice")).isEmpty();
    }

    @Test
    void theLastFileAppliedWins() throws Exception {
        Path other = Files.writeString(temp.resolve("other.yaml"), "tenant: alice\ngpus: [{gpu: 0, memory: 60%}]\n");
        apply(other, Optional.empty());
        assertThat(find(file.toString())).isEmpty();
        assertThat(find("alice")).isEmpty();
        apply(other, SETUP);
        assertThat(find("alice")).hasValue(new AlreadyApplied(ALICE, OnFailure.DENY));
        assertThat(find(file.toString())).isEmpty();
    }

    @Test
    void aNewSliceOrDriverShows() throws Exception {
        Path driver = temp.resolve("nvidia");
        Files.createDirectories(driver.resolve("gpus/0000:01:00.0"));
        Files.writeString(driver.resolve("version"), "NVRM version: 535.261.03\n");
        Files.createDirectories(driver.resolve("capabilities/gpu0/mig/gi1/ci0"));
        Optional<GpuSetup> before = GpuSetup.ofDriver(Map.of(), driver);
        assertThat(before).isPresent().isEqualTo(GpuSetup.ofDriver(Map.of(), driver));
        Files.createDirectories(driver.resolve("capabilities/gpu0/mig/gi2/ci0"));
        Optional<GpuSetup> sliced = GpuSetup.ofDriver(Map.of(), driver);
        assertThat(sliced).isPresent().isNotEqualTo(before);
        Files.writeString(driver.resolve("version"), "NVRM version: 550.1\n");
        assertThat(GpuSetup.ofDriver(Map.of(), driver)).isPresent().isNotEqualTo(sliced);
        assertThat(GpuSetup.ofDriver(Map.of(), temp.resolve("nowhere"))).isEmpty();
    }

    private void apply(Path tenantFile, Optional<GpuSetup> setup) throws Exception {
        TenantSource source = TenantSource.read(tenantFile);
        GpuInventory inventory = new GpuInventory(List.of(GPU), true);
        new Apply(run, inventory, (folder, tenant) -> OptionalInt.empty(), Overcommit.ALLOW).apply(source);
        AlreadyApplied.remember(run, source, setup);
    }

    private Optional<AlreadyApplied> find(String argument) {
        return AlreadyApplied.find(run, argument, SETUP);
    }
}
