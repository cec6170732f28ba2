package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.ArbiterFile;
import io.sluice.bridge.ledger.Excess;
import io.sluice.bridge.ledger.GpuTime;
import io.sluice.bridge.ledger.GpuUsage;
import io.sluice.bridge.ledger.PinnedUsage;
import io.sluice.control.RunDirectory;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Share;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What top says of the time between two looks. */
class TopTextTest {
    private static final GpuId GPU = GpuId.parse("GPU-0f0f0f0f-1111-2222-3333-444455556666");
    private static final TenantName ALICE = new TenantName("alice");
    private static final TenantName LONG = new TenantName("a-name-that-is-longer-than-its-column-is-wide-by-far");
    private static final long SECOND_NS = 1_000_000_000;

    @Test
    void saysWhatEachTenantUsedAndForHowLongItWaited() {
        TopLook before = look(0, 100, tenant(ALICE, 64, 1000, 5000), tenant(LONG, 100, 0, 0));
        TopLook after = look(2 * SECOND_NS, 300, tenant(ALICE, 128, 1500, 5240), tenant(LONG, 100, 0, 0));

        assertThat(new TopText(80, false).of(before, after)).isEqualTo("""
                sluice top  12:34:56  /run

                GPU-0f0f0f0f-1111-2222-3333-444455556666  turn: alice, 100/s
                  TENANT     MEMORY                           SM                       WAIT PROC
                * alice      ####.... 128 B/256 B             ##|..... 25% of 30%       12%    0
                  a-name-th~ ###..... 100 B/256 B             ..|..... 0.0% of 30%     0.0%    0
                """);
    }

    @Test
    void theFirstLookHasNoTimeToSpeakOf() {
        TopLook look = look(0, 100, tenant(ALICE, 64, 1000, 5000));
        assertThat(new TopText(80, false).of(look, look)).contains("turn: alice, 0/s", "0.0% of 30%");
    }

    @Test
    void everyLineFitsTheTerminalAndNamesHaveTheRoomThatThereIs() {
        TopLook look = look(0, 100, tenant(ALICE, 255, 1000, 5000), tenant(LONG, 100, 0, 0));
        assertThat(new TopText(40, false).of(look, look).lines()).allMatch(line -> line.length() <= 80);
        assertThat(new TopText(120, false).of(look, look).lines()).allMatch(line -> line.length() <= 120);
        assertThat(new TopText(200, false).of(look, look)).contains(LONG.value());
    }

    @Test
    void coloursTellHowMuchMemoryIsLeft() {
        TopLook look = look(0, 100, tenant(ALICE, 255, 1000, 5000), tenant(LONG, 100, 0, 0));
        assertThat(new TopText(80, true).of(look, look))
                .contains("\u001b[31m########\u001b[0m", "\u001b[32m###.....\u001b[0m");
        assertThat(new TopText(80, false).of(look, look)).doesNotContain("\u001b");
    }

    private static TopLook look(long nanoTime, long turns, Status.TenantStatus... tenants) {
        Status status = new Status(new RunDirectory(Path.of("/run")), List.of(tenants), List.of(), Map.of());
        ArbiterFile.Turn turn = new ArbiterFile.Turn(turns, Optional.of(ALICE));
        return new TopLook(nanoTime, LocalTime.of(12, 34, 56), status, Map.of(GPU, turn));
    }

    /** Of a limit of 256 bytes and a share of 30 %. */
    private static Status.TenantStatus tenant(TenantName name, long used, long busyMs, long waitedMs) {
        GpuTime time = new GpuTime(
                Duration.ofMillis(busyMs),
                Duration.ofMillis(waitedMs - waitedMs / 4),
                Duration.ofMillis(waitedMs / 4),
                GpuTime.NONE.waits(),
                Duration.ZERO);
        GpuUsage usage = new GpuUsage(GPU, Bytes.of(used), Bytes.of(used), 1, 0, 0, 0, 0, 0, 0, Excess.NONE, time);
        Optional<Share> share = Optional.of(Share.ofPercent(30));
        Status.GpuStatus gpu = new Status.GpuStatus(usage, Optional.empty(), Optional.of(Bytes.of(256)), share, share);
        Status.PinnedStatus pinned =
                new Status.PinnedStatus(new PinnedUsage(Bytes.ZERO, Bytes.ZERO, 0, 0), Optional.empty());
        return new Status.TenantStatus(name, List.of(gpu), pinned, 0, List.of());
    }
}
