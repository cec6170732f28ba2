package io.sluice.tests.harness;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;

/**
 * One simulated GPU.
 *
 * @param index its number in CUDA's order when all cards are visible
 * @param nvmlIndex its number in NVML's order, by which tenant files name it
 */
public record Card(int index, int nvmlIndex, GpuId id, Bytes memory) {
    /** The GPU of the benchmark's do-nothing driver, which permits what no real driver does. */
    public static final Card OF_DO_NOTHING_DRIVER =
            new Card(0, 0, GpuId.parse("GPU-6e756c6c-0000-4000-8000-000000000001"), Bytes.of(1L << 46));
}
