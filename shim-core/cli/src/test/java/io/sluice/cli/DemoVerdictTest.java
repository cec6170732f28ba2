package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.Excess;
import io.sluice.bridge.ledger.GpuTime;
import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.bridge.ledger.PinnedUsage;
import io.sluice.control.RunDirectory;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DemoVerdictTest {
    private static final GpuId GPU = GpuId.parse("GPU-0f0f0f0f-1111-2222-3333-444455556666");
    private static final DemoTenant BOB = new DemoTenant("bob", 1_000_001, List.of(), true);
    private static final DemoTenant ALICE = new DemoTenant("alice", 1_000_001, List.of(), false);
    private static final long ALL = 999_936; // 1953 pieces of 512

    @Test
    void denialAtTheLimitIsRight() {
        assertThat(DemoVerdict.wrong(status("bob", 0, ALL, 3, 5), List.of(BOB))).isEmpty();
        assertThat(DemoVerdict.wrong(status("alice", 0, 4096, 0, 5), List.of(ALICE)))
                .isEmpty();
    }

    @Test
    void denialOnePieceTooEarlyIsWrong() {
        assertThat(DemoVerdict.wrong(status("bob", 0, ALL - 512, 3, 5), List.of(BOB)))
                .containsExactly("bob was denied 3 times with 999,424 bytes at most, instead of at 999,936 bytes");
    }

    @Test
    void everyOtherFlawIsWrong() {
        assertThat(DemoVerdict.wrong(status("bob", 0, ALL, 0, 5), List.of(BOB))).hasSize(1);
        assertThat(DemoVerdict.wrong(status("bob", 512, ALL, 3, 5), List.of(BOB)))
                .hasSize(1);
        assertThat(DemoVerdict.wrong(status("bob", 0, ALL, 3, 0), List.of(BOB))).hasSize(1);
        assertThat(DemoVerdict.wrong(status("alice", 0, 4096, 1, 5), List.of(ALICE)))
                .hasSize(1);
        assertThat(DemoVerdict.wrong(status("alice", 0, 0, 0, 5), List.of(BOB))).hasSize(1);
    }

    private static Status status(String tenant, long used, long peak, long denials, long launches) {
        GpuUsage usage = new GpuUsage(
                GPU, Bytes.of(used), Bytes.of(peak), 9, denials, 0, 0, 0, launches, 0, Excess.NONE, GpuTime.NONE);
        Status.GpuStatus gpu =
                new Status.GpuStatus(usage, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        Status.PinnedStatus pinned =
                new Status.PinnedStatus(new PinnedUsage(Bytes.ZERO, Bytes.ZERO, 0, 0), Optional.empty());
        return new Status(
                new RunDirectory(Path.of("/run")),
                List.of(new Status.TenantStatus(new TenantName(tenant), List.of(gpu), pinned, 0, List.of())),
                List.of(),
                Map.of());
    }
}
