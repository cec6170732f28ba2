package io.sluice.bridge.ledger;

import io.sluice.bridge.ledger.LedgerLayout.Account;
import io.sluice.bridge.ledger.LedgerLayout.Lane;
import io.sluice.bridge.ledger.LedgerLayout.Row;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.time.Duration;
import java.util.stream.IntStream;

/** Adds up the counters of one row over all slots, past owners' too. */
final class RowUsage {
    private final MappedFile file;
    private final int row;
    private final int slots;

    RowUsage(MappedFile file, int row, int slots) {
        this.file = file;
        this.row = row;
        this.slots = slots;
    }

    GpuUsage read(GpuId gpu) {
        int base = LedgerLayout.row(row);
        return new GpuUsage(
                gpu,
                Bytes.of(file.getLong(base + Row.WORD)),
                Bytes.of(file.getLong(base + Row.PEAK_BYTES)),
                sum(Account.ALLOCATIONS) + sumOfLanes(Lane.LANE_ALLOCATIONS),
                sum(Account.DENIALS_LIMIT),
                sum(Account.DENIALS_DEVICE_FULL),
                sum(Account.DENIALS_FAILURE),
                sum(Account.REFUSED_CALLS),
                sumOfLanes(Lane.LAUNCHES),
                sumOfLanes(Lane.UNGOVERNED_CALLS),
                new Excess(
                        sum(Account.MEMORY_WARNINGS),
                        Duration.ofNanos(sum(Account.MEMORY_WAIT_NS)),
                        Bytes.of(sum(Account.SPILLED_BYTES))),
                new GpuTime(
                        Duration.ofNanos(sumOfLanes(Lane.BUSY_NS)),
                        Duration.ofNanos(sumOfLanes(Lane.THROTTLED_NS)),
                        Duration.ofNanos(sumOfLanes(Lane.TURN_WAIT_NS)),
                        IntStream.range(0, LedgerLayout.LAUNCH_WAIT_BOUNDS)
                                .mapToObj(lane -> sumOfLane(lane, Lane.LAUNCH_WAITS))
                                .toList(),
                        Duration.ofNanos(sumOfLanes(Lane.ESTIMATE_ERROR_NS))));
    }

    /** @param counter its offset in an account */
    private long sum(int counter) {
        long sum = 0;
        for (int slot = 0; slot < slots; slot++) {
            sum += file.getLong(LedgerLayout.account(row, slot) + counter);
        }
        return sum;
    }

    /** @param counter its offset in a lane */
    private long sumOfLanes(int counter) {
        long sum = 0;
        for (int lane = 0; lane < LedgerLayout.LANE_COUNT; lane++) {
            sum += sumOfLane(lane, counter);
        }
        return sum;
    }

    private long sumOfLane(int lane, int counter) {
        return sum(Account.LANES + lane * LedgerLayout.LANE_BYTES + counter);
    }
}
