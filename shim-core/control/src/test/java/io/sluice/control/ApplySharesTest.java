package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.Limits;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Share;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tenant files say of GPUs' time: what holds afterwards, and what is said. */
class ApplySharesTest {
    private static final Gpu GPU =
            new Gpu(0, GpuId.parse("GPU-0f0f0f0f-1111-2222-3333-444455556666"), "Some GPU 3000", Bytes.of(100_000_000));
    private static final LedgerHolders NOBODY = (folder, tenant) -> OptionalInt.empty();

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
    void sharesAndWhatMayBeBorrowedHold() throws Exception {
        write("alice", ", sm: {share: 30%, max: 60%}");
        write("bob", ", sm: 12.5%");
        apply(Overcommit.WARN);

        assertThat(limits("alice").share(GPU.id())).contains(Share.ofPercent(30));
        assertThat(limits("alice").cap(GPU.id())).contains(Share.ofPercent(60));
        assertThat(limits("bob").share(GPU.id())).contains(new Share(125_000));
        assertThat(limits("bob").cap(GPU.id())).contains(new Share(125_000));
        assertThat(run.arbiter(GPU.id())).exists();
    }

    @Test
    void tenantsWithoutAShareHaveEqualPartsOfTheRest() throws Exception {
        write("alice", ", sm: 30%");
        write("bob", "");
        write("carol", "");
        apply(Overcommit.WARN);
        assertThat(limits("bob").share(GPU.id())).isEmpty();
        assertThat(limits("bob").cap(GPU.id())).isEmpty();
        assertThat(limits("bob").weight(GPU.id())).contains(Share.ofPercent(35));
        assertThat(limits("carol").weight(GPU.id())).contains(Share.ofPercent(35));

        new Forget(run, NOBODY, (folder, tenant) -> {}).forget(new TenantName("carol"));
        assertThat(limits("bob").weight(GPU.id())).contains(Share.ofPercent(70));

        write("alice", ", sm: 100%");
        newApply(Overcommit.WARN).apply(TenantSource.read(files.resolve("alice.yaml")));
        assertThat(limits("bob").weight(GPU.id())).contains(Share.ofPercent(1));
    }

    @Test
    void whereNobodyHasAShareNobodyTakesTurns() throws Exception {
        write("alice", ", sm: 30%");
        write("bob", "");
        apply(Overcommit.WARN);
        write("alice", "");
        apply(Overcommit.WARN);

        assertThat(limits("alice").weight(GPU.id())).isEmpty();
        assertThat(limits("bob").weight(GPU.id())).isEmpty();
    }

    @Test
    void moreThanTheWholeGpuIsSaidOrRefused() throws Exception {
        write("alice", ", sm: 60%");
        apply(Overcommit.REFUSE);
        write("bob", ", sm: 40.5%");

        assertThat(apply(Overcommit.WARN).warnings())
                .containsExactly("GPU 0 is overcommitted: the shares of alice (60%), bob (40.5%) add up to 100.5%, and"
                        + " it has 100%");
        write("bob", ", sm: 40.6%");
        assertThat(apply(Overcommit.REFUSE).failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.line()).contains("bob (40.6%)", "nothing was changed"));
        assertThat(limits("bob").share(GPU.id())).contains(new Share(405_000));
        write("bob", ", sm: 40%");
        assertThat(apply(Overcommit.REFUSE).failures()).isEmpty();
    }

    private ApplyFiles.Outcome apply(Overcommit overcommit) throws Exception {
        return new ApplyFiles(run, newApply(overcommit)).apply(TenantFiles.read(files));
    }

    private Apply newApply(Overcommit overcommit) {
        return new Apply(run, new GpuInventory(List.of(GPU), true), NOBODY, overcommit);
    }

    private Limits limits(String tenant) throws Exception {
        return Limits.open(run.limits(new TenantName(tenant)));
    }

    private void write(String tenant, String sm) throws Exception {
        Files.writeString(
                files.resolve(tenant + ".yaml"), "tenant: " + tenant + "\ngpus: [{gpu: 0, memory: 1MB" + sm + "}]\n");
    }
}
